using System.Text.Json;
using Sallyport.Core;
using Sallyport.Postgres.Sql;
using Sallyport.Postgres.Wire;

namespace Sallyport.Postgres.Session;

/// <summary>What a client hears when its command does not pass: words for people, and in DETAIL JSON for agents.</summary>
internal static class Refusals
{
    /// <summary>Refused by a rule, by the gateway, or because no rule allows it.</summary>
    public static Diagnostic Denied(Decision decision, SqlFacts? facts)
    {
        var unread = facts?.Effects.FirstOrDefault(static e => e.Kind == EffectKind.Opaque)?.Detail;
        if (unread is not null && unread.StartsWith(SqlReader.SyntaxErrorPrefix, StringComparison.Ordinal))
            return Diagnostic.Error(SqlState.SyntaxError, unread[SqlReader.SyntaxErrorPrefix.Length..]);
        var message = decision.Rule switch
        {
            Decision.NoRule when decision.Message is { } why => char.ToLowerInvariant(why[0]) + why[1..].TrimEnd('.'),
            Decision.NoRule => "no rule allows this command",
            Judge.GatewayRule => "refused by the gateway",
            _ => $"refused by rule \"{decision.Rule}\"",
        };
        if (decision.Message is not null && decision.Rule != Decision.NoRule)
            message += ": " + decision.Message;
        if (unread is not null)
            message += ": " + unread;
        return Diagnostic.Error(SqlState.InsufficientPrivilege, message, Detail("deny", decision, null), decision.Alternative);
    }

    /// <summary>Refused with a ticket: the same command passes once after it was approved.</summary>
    public static Diagnostic Ticket(Decision decision, string holdId, TimeSpan valid) => Diagnostic.Error(
        SqlState.InsufficientPrivilege,
        $"rule \"{decision.Rule}\" wants approval first (ticket {holdId}){Because(decision)}",
        Detail("hold", decision, holdId),
        $"Send exactly the same command again once {holdId} is approved, within {Words(valid)}.");

    public static Diagnostic Ended(Decision decision, string holdId, HoldOutcome outcome)
    {
        var by = outcome.By.IsDefaultOrEmpty ? "" : " by " + string.Join(", ", outcome.By);
        var reason = string.IsNullOrEmpty(outcome.Reason) ? "" : ": " + outcome.Reason;
        return outcome.State switch
        {
            HoldState.Rejected => Diagnostic.Error(
                SqlState.InsufficientPrivilege, $"hold {holdId} was rejected{by}{reason}", Detail("rejected", decision, holdId),
                "Do not send it again as it is; the reason says what to change."),
            HoldState.Expired => Diagnostic.Error(
                SqlState.InsufficientPrivilege, $"hold {holdId} expired: nobody approved it in time{reason}",
                Detail("expired", decision, holdId),
                "Ask an approver, then send it again."),
            _ => Diagnostic.Error(SqlState.QueryCanceled, $"hold {holdId} was withdrawn{reason}", Detail("withdrawn", decision, holdId)),
        };
    }

    public static Diagnostic Held(Decision decision, string holdId, TimeSpan left) => Diagnostic.Notice(
        $"held for approval as {holdId} by rule \"{decision.Rule}\", {Words(left)} left{Because(decision)}",
        Detail("hold", decision, holdId));

    public static Diagnostic StillHeld(string holdId, TimeSpan left) => Diagnostic.Notice($"{holdId} is still held, {Words(left)} left");

    public static Diagnostic Passed(string holdId, HoldOutcome outcome) => Diagnostic.Notice(
        outcome.State == HoldState.Modified
            ? $"{holdId} approved by {string.Join(", ", outcome.By)}, who changed the text: {outcome.ModifiedText}"
            : $"{holdId} approved by {string.Join(", ", outcome.By)}");

    /// <summary>The upstream or the gateway cannot do now what the command needs.</summary>
    public static Diagnostic Unable(string why) =>
        Diagnostic.Error(SqlState.CannotConnectNow, why, null, "Try again; if it stays so, tell who runs the gateway.");

    private static string Because(Decision decision) => decision.Message is null ? "" : ": " + decision.Message;

    private static string Words(TimeSpan time) =>
        time.TotalSeconds < 120 ? $"{Math.Max(0, (int)time.TotalSeconds)} s" : $"{(int)time.TotalMinutes} min";

    private static string Detail(string decision, Decision by, string? hold) =>
        JsonSerializer.Serialize(
            new VerdictDetail(decision, by.Rule, hold, by.Alternative, by.Snapshot), SessionJson.Default.VerdictDetail);
}
