using System.CommandLine;
using Sallyport.Admin;
using Sallyport.Admin.Client;

namespace Sallyport.Cli.Approvals;

/// <summary><c>sallyport approvals</c>, and what its verbs share.</summary>
internal static class ApprovalsVerb
{
    public static readonly Argument<string> Id = new("id") { Description = "The hold's id: h- and 8 characters." };

    public static readonly Option<string?> Reason = new("--reason", "-r")
    {
        Description = "Recorded, and shown to who asked.",
        HelpName = "TEXT"
    };

    public static Command Create(CliContext cli) => new("approvals", "Commands that wait for people.")
    {
        ApprovalsListVerb.Create(cli),
        ApprovalsShowVerb.Create(cli),
        ApprovalsApproveVerb.Create(cli),
        ApprovalsModifyVerb.Create(cli),
        ApprovalsRejectVerb.Create(cli),
    };

    public static string Path(ParseResult parsed, string action = "") =>
        $"/v1/approvals/{Uri.EscapeDataString(parsed.GetRequiredValue(Id))}{action}";

    /// <summary>Sends an approver's word and says what became of it.</summary>
    public static async Task<int> DecideAsync(ParseResult parsed, CliContext cli, AdminClient gateway, string action, object request,
        CancellationToken stop)
    {
        var answer = await gateway.PostAsync<DecisionAnswer>(Path(parsed, "/" + action), request, stop);
        if (parsed.GetValue(CommonOptions.Json))
            JsonOutput.Write(cli, answer);
        else
            cli.Line($"{parsed.GetRequiredValue(Id)} {Words(answer)}");
        return ExitCode.Ok;
    }

    private static string Words(DecisionAnswer answer)
    {
        var state = answer.State?.ToString().ToLowerInvariant() ?? "counted";
        if (answer.StillNeeded > 0)
            return $"{state}; {answer.StillNeeded} more needed";
        return answer.GrantedSeconds is { } seconds ? $"{state}; the like passes for {Durations.Show(TimeSpan.FromSeconds(seconds))}"
            : state;
    }
}
