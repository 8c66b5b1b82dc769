using System.Collections.Frozen;
using System.CommandLine;
using Sallyport.Core;
using Sallyport.Hosting.Configuration;

namespace Sallyport.Cli.Policies;

/// <summary>
/// Who asks in an explanation: the principal of that name in the configuration, with what the options say in its stead. A name that
/// is not there stands for one that an identity provider would prove.
/// </summary>
internal static class ExplainedPrincipal
{
    private const char Separator = ',';

    private static readonly Option<string> As = new("--as")
    {
        Description = "Who asks; groups may follow, which then count instead of the configured ones.",
        HelpName = "NAME[,GROUP...]",
        Required = true,
    };

    private static readonly Option<string?> Groups = new("--groups") { Description = "Groups, instead of the configured ones.", HelpName = "GROUP[,GROUP...]" };
    private static readonly Option<PrincipalKind?> Kind = new("--kind") { Description = "What it is. Default: as configured, else person." };
    private static readonly Option<string?> OnBehalfOf = new("--on-behalf-of") { Description = "Whom it acts for.", HelpName = "NAME" };

    public static void AddTo(Command command)
    {
        command.Options.Add(As);
        command.Options.Add(Groups);
        command.Options.Add(Kind);
        command.Options.Add(OnBehalfOf);
    }

    public static Principal Of(ParseResult parsed, GatewayOptions options)
    {
        var names = Split(parsed.GetRequiredValue(As));
        if (names.Length == 0)
            throw new CliFailure(ExitCode.Usage, "--as names nobody.", "Say --as NAME.");
        var known = options.Identity.Principals.FirstOrDefault(p => string.Equals(p.Name, names[0], StringComparison.OrdinalIgnoreCase));
        string[] given = [.. names[1..], .. Split(parsed.GetValue(Groups) ?? "")];
        var areGiven = given.Length > 0 || parsed.GetValue(Groups) is not null;
        return new Principal
        {
            Name = known?.Name ?? names[0],
            Kind = parsed.GetValue(Kind) ?? known?.Kind ?? PrincipalKind.Person,
            Groups = (areGiven ? given : known?.Groups ?? []).ToFrozenSet(StringComparer.Ordinal),
            OnBehalfOf = parsed.GetValue(OnBehalfOf) ?? known?.OnBehalfOf,
        };
    }

    private static string[] Split(string names) => names.Split(Separator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
