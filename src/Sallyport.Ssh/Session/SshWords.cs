namespace Sallyport.Ssh.Session;

/// <summary>What a client reads on stderr when its command does not pass, or waits. Lines without the end of the last.</summary>
internal static class SshWords
{
    public static string Denied(Decision decision, Facts facts)
    {
        var unread = facts.Effects.FirstOrDefault(static e => e.Kind == EffectKind.Opaque)?.Detail;
        var message = decision.Rule == Decision.NoRule
            ? decision.Message is { Length: > 0 } why ? char.ToLowerInvariant(why[0]) + why[1..].TrimEnd('.') : "no rule allows this"
            : $"refused by rule \"{decision.Rule}\"" + Because(decision);
        if (unread is not null && decision.Rule != Decision.NoRule)
            message += $" (the command cannot be read: {unread})";
        return decision.Alternative is { } other ? $"{message}\n{other}" : message;
    }

    /// <summary>For what has room for one line only.</summary>
    public static string First(string words) => words.Split('\n')[0];

    public static string Ticket(Decision decision, string holdId) =>
        $"rule \"{decision.Rule}\" wants approval first{Because(decision)}; send exactly the same again once {holdId} is approved, " +
        $"within {Words(decision.Hold!.Within)}";

    public static string Held(Decision decision, string holdId, TimeSpan left) =>
        $"held for approval as {holdId} by rule \"{decision.Rule}\", {Words(left)} left{Because(decision)}";

    public static string StillHeld(string holdId, TimeSpan left) => $"{holdId} is still held, {Words(left)} left";

    public static string Passed(string holdId, HoldOutcome outcome) => outcome.State == HoldState.Modified
        ? $"{holdId} approved by {By(outcome)}, who changed it to: {outcome.ModifiedText}"
        : $"{holdId} approved by {By(outcome)}";

    public static string NotApproved(string holdId, HoldOutcome outcome)
    {
        var reason = string.IsNullOrEmpty(outcome.Reason) ? "" : ": " + outcome.Reason;
        return outcome.State switch
        {
            HoldState.Rejected => $"{holdId} was rejected by {By(outcome)}{reason}",
            HoldState.Expired => $"{holdId} expired: nobody approved it in time{reason}",
            _ => $"{holdId} was withdrawn{reason}",
        };
    }

    public static string Spent(BudgetSpent spent) =>
        $"budget \"{spent.Budget.Name}\" is spent: {spent.Limit} commands a minute" +
        (spent.Budget.Message is { } message ? ": " + message : "");

    private static string By(HoldOutcome outcome) => outcome.By.IsDefaultOrEmpty ? "nobody" : string.Join(", ", outcome.By);

    private static string Because(Decision decision) => decision.Message is null ? "" : ": " + decision.Message;

    private static string Words(TimeSpan time) =>
        time.TotalSeconds < 120 ? $"{Math.Max(0, (int)time.TotalSeconds)} s" : $"{(int)time.TotalMinutes} min";
}
