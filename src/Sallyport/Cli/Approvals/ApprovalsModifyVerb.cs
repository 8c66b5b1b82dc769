using System.CommandLine;
using Sallyport.Admin;

namespace Sallyport.Cli.Approvals;

/// <summary><c>approvals modify ID</c>: a new text from the editor or <c>--text</c>, its difference, and a question.</summary>
internal static class ApprovalsModifyVerb
{
    private static readonly Option<string?> NewText = new("--text")
    {
        Description = "The new text; without it your editor opens.",
        HelpName = "TEXT"
    };

    public static Command Create(CliContext cli)
    {
        var command = new Command("modify", "Let another text run in its place.")
        {
            ApprovalsVerb.Id, NewText, ApprovalsVerb.Reason, CommonOptions.Yes, CommonOptions.Json,
        };
        GatewayAccess.AddTo(command);
        command.SetAction((parsed, stop) => RunAsync(parsed, cli, stop));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CliContext cli, CancellationToken stop)
    {
        using var gateway = GatewayAccess.Connect(parsed, cli);
        var hold = await gateway.GetAsync<HoldMessage>(ApprovalsVerb.Path(parsed), stop);
        var text = parsed.GetValue(NewText) ?? await TextEditor.EditAsync(hold.Id, hold.Text, cli, stop);
        if (string.Equals(text, hold.Text, StringComparison.Ordinal))
            throw new CliFailure(ExitCode.Failed, "the text is as it was; nothing was decided.",
                "Use approvals approve to let it run unchanged.");
        if (!parsed.GetValue(CommonOptions.Yes))
        {
            UnifiedDiff.Print(cli, hold.Text, text);
            if (!cli.Confirm("Let the new text run?"))
                return ExitCode.Failed;
        }
        return await ApprovalsVerb.DecideAsync(parsed, cli, gateway, "modify",
            new ModifyRequest(text, parsed.GetValue(ApprovalsVerb.Reason)), stop);
    }
}
