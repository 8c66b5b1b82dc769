using System.Globalization;
using Sallyport.Admin;
using Sallyport.Core;

namespace Sallyport.Cli.Approvals;

/// <summary>
/// A hold for the eyes of an approver: the whole text, line by line behind a gutter that the text itself cannot imitate, so that
/// nothing in it looks like a part of this page.
/// </summary>
internal static class HoldPrinter
{
    public static void Print(CliContext cli, HoldMessage hold)
    {
        var ticket = hold.IsTicket ? ", a ticket: nobody waits" : "";
        var kind = hold.Kind.ToString().ToLowerInvariant();
        var owner = hold.OnBehalfOf is { } name ? $" on behalf of {name}" : "";
        var locks = hold.InTransaction ? ", inside an open transaction: it keeps its locks" : "";
        var soFar = hold.By.Count > 0 ? $"; so far {string.Join(", ", hold.By)}" : "";
        cli.Line($"{hold.Id}  {hold.State.ToString().ToLowerInvariant()}{ticket}");
        cli.Line($"who       {kind} {hold.Principal}{owner} from {hold.Client}");
        cli.Line($"resource  {hold.Resource} ({hold.Protocol}){locks}");
        cli.Line($"rule      {hold.Rule}{(hold.Note is { } note ? $": {note}" : "")}");
        cli.Line($"decide    {hold.StillNeeded} of {hold.Count} still needed, from {string.Join(", ", hold.Approvers)}{soFar}");
        cli.Line($"left      {Durations.Show(TimeSpan.FromSeconds(hold.RemainingSeconds))} (asked {hold.AskedAt:u})");
        cli.Line($"estimate  {hold.Estimate ?? "none"}");
        cli.Line($"session   {hold.Session}");
        PrintText(cli, hold.AskedText is null ? "command" : $"command, as changed by an approver (revision {hold.Revision})", hold.Text);
        if (hold.AskedText is { } asked)
            PrintText(cli, "command, as asked", asked);
        for (var i = 0; i < hold.Parameters.Count; i++)
            cli.Line(string.Create(CultureInfo.InvariantCulture,
                $"  ${i + 1} {hold.Parameters[i].Type} = {hold.Parameters[i].Text ?? "NULL"}"));
        cli.Line($"sha256    {hold.Hash}");
        if (hold.History.Count > 0)
            cli.Line("before, in this session:");
        foreach (var line in hold.History)
            cli.Line($"  {line}");
    }

    private static void PrintText(CliContext cli, string title, string text)
    {
        var lines = SafeText.EscapeLines(text).Split('\n');
        cli.Line(string.Create(CultureInfo.InvariantCulture, $"{title}, {text.Length} characters in {lines.Length} lines:"));
        for (var i = 0; i < lines.Length; i++)
            cli.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{i + 1,4} | {lines[i]}"));
    }
}
