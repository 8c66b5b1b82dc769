using System.CommandLine;

namespace Sallyport.Cli.Policies;

/// <summary><c>sallyport policy</c>: works on the files alone, no gateway is asked.</summary>
internal static class PolicyVerb
{
    public static Command Create(CliContext cli) => new("policy", "Try the policy before it is in force.")
    {
        PolicyTestVerb.Create(cli),
        PolicyExplainVerb.Create(cli),
    };
}
