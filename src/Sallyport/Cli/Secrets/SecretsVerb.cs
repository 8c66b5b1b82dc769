using System.CommandLine;

namespace Sallyport.Cli.Secrets;

/// <summary><c>sallyport secrets</c>.</summary>
internal static class SecretsVerb
{
    public static Command Create(CliContext cli) => new("secrets", "Secrets that clients log in with.")
    {
        SecretsIssueVerb.Create(cli),
        SecretsListVerb.Create(cli),
        SecretsRevokeVerb.Create(cli),
    };
}
