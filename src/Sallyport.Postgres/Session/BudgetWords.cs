using System.Globalization;
using System.Text.Json;
using Sallyport.Core;
using Sallyport.Postgres.Wire;

namespace Sallyport.Postgres.Session;

/// <summary>What a client hears, and what is recorded, when a budget is used up: words for people, and in DETAIL JSON for agents.</summary>
internal static class BudgetWords
{
    /// <summary>A command that does not pass.</summary>
    public static Diagnostic Refused(BudgetSpent spent, string snapshot) =>
        Error(spent, snapshot, $"refused by budget {Named(spent)}: {Limit(spent)} {Are(spent)} used up", Renewal(spent));

    /// <summary>A command that writes rows which the server's answer does not tell.</summary>
    public static Diagnostic Uncountable(BudgetSpent spent, string snapshot) =>
        Error(spent, snapshot, $"refused by budget {Named(spent)}: the rows that this command writes cannot be counted",
            "Write rows with an INSERT, UPDATE, DELETE or MERGE of its own, and take its answer whole.");

    /// <summary>An answer that ends before its end.</summary>
    /// <param name="spent">By which budget.</param>
    /// <param name="snapshot">The policy's digest.</param>
    /// <param name="stands">The server had carried the command out, and what it wrote stays.</param>
    public static Diagnostic Cut(BudgetSpent spent, string snapshot, bool stands) =>
        Error(spent, snapshot, $"the answer was cut by budget {Named(spent)}: {Limit(spent)} {Are(spent)} used up",
            Renewal(spent) + (stands ? " The server had carried the command out: what it wrote stands." : ""));

    /// <summary>A command whose rows are too many, in a transaction that will not be committed.</summary>
    public static Diagnostic Overdrawn(BudgetSpent spent, string snapshot, long rows)
    {
        var left = Math.Max(0, spent.Limit - (spent.Used - rows));
        var told = string.Create(
            CultureInfo.InvariantCulture, $"undone by budget {Named(spent)}: it wrote {rows} rows, and {left} are left of {Limit(spent)}");
        return Error(spent, snapshot, told, "The transaction cannot be committed. " + (left > 0 ? "Write fewer rows." : Renewal(spent)));
    }

    /// <summary>The payload of the record that says so.</summary>
    public static byte[] Event(BudgetSpent spent, string what) => JsonSerializer.SerializeToUtf8Bytes(
        new BudgetEvent(
            "budget", what, spent.Budget.Name, Measure(spent), spent.Limit, spent.Used, spent.Budget.Per.ToString().ToLowerInvariant()),
        SessionJson.Default.BudgetEvent);

    private static Diagnostic Error(BudgetSpent spent, string snapshot, string message, string hint)
    {
        var renews = spent.Renews is { } wait ? (long?)Math.Ceiling(wait.TotalSeconds) : null;
        var detail = new BudgetDetail("deny", spent.Budget.Name, Measure(spent), spent.Limit, spent.Used, renews, snapshot);
        var told = spent.Budget.Message is { } why ? $"{message}: {why}" : message;
        // Not 53400, which would say it better: Npgsql gives up a connection that says anything of class 53.
        return Diagnostic.Error(SqlState.InsufficientPrivilege, told, JsonSerializer.Serialize(detail, SessionJson.Default.BudgetDetail), hint);
    }

    private static string Are(BudgetSpent spent) => spent.Limit == 1 ? "is" : "are";

    private static string Named(BudgetSpent spent) => $"\"{spent.Budget.Name}\"";

    private static string Measure(BudgetSpent spent) => JsonNamingPolicy.CamelCase.ConvertName(spent.Measure.ToString());

    private static string Limit(BudgetSpent spent)
    {
        var per = spent.Budget.Per == BudgetScope.Session ? "session" : "principal";
        var span = spent.Budget.Within is { } within && spent.Measure != BudgetMeasure.StatementsPerMinute ? " within " + Time(within) : "";
        var what = spent.Measure switch
        {
            BudgetMeasure.RowsRead => "rows read",
            BudgetMeasure.RowsWritten => "rows written",
            _ => "statements a minute",
        };
        return string.Create(CultureInfo.InvariantCulture, $"{spent.Limit} {what} per {per}{span}");
    }

    private static string Renewal(BudgetSpent spent) => spent.Renews is { } wait
        ? $"There is room again in {Time(wait)}."
        : spent.Budget.SpanOf(spent.Measure) is null
            ? "It is for the whole session."
            : "The gateway counts for too many principals now; try again later.";

    private static string Time(TimeSpan time) => time.TotalSeconds < 120
        ? string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, (int)Math.Ceiling(time.TotalSeconds))} s")
        : string.Create(CultureInfo.InvariantCulture, $"{(int)Math.Ceiling(time.TotalMinutes)} min");
}
