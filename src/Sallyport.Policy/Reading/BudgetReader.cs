using Sallyport.Core;
using Sallyport.Policy.Rules;
using Sallyport.Policy.Yaml;

namespace Sallyport.Policy.Reading;

/// <summary>Reads one entry of <c>budgets</c>.</summary>
internal sealed class BudgetReader
{
    // The counts are of 32 bits and must be able to pass the limit.
    private const int MostRows = 2_000_000_000;
    private const int MostStatements = 1_000_000;
    private static readonly TimeSpan ShortestSpan = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestSpan = TimeSpan.FromDays(31);
    private readonly SelectorReader _selectors;

    public BudgetReader(SelectorReader selectors) => _selectors = selectors;

    /// <summary>Null when something is wrong with it; it was reported.</summary>
    public BudgetRule? Read(YamlNode node, int index)
    {
        if (node.AsMap() is not { } map)
            return null;
        var name = map.RequireText("name");
        var who = map.Find("who") is { } whom ? _selectors.Who(whom) : [new WhoSelector(WhoKind.Everyone, "")];
        var except = _selectors.Who(map.Find("except"));
        var on = _selectors.On(map.Require("on"));
        var per = map.Require("per")?.AsChoice<BudgetScope>();
        var budget = new Budget(name ?? "", per ?? BudgetScope.Session)
        {
            RowsRead = map.Integer("rowsRead", 1, MostRows),
            RowsWritten = map.Integer("rowsWritten", 1, MostRows),
            StatementsPerMinute = map.Integer("statementsPerMinute", 1, MostStatements),
            Within = map.Duration("within", ShortestSpan, LongestSpan),
            Message = map.Text("message"),
            Observes = RuleReader.Observes(map.Find("mode")),
        };
        CheckLimits(map, per);
        map.RefuseOthers();
        if (name is null || on is null || per is null)
            return null;
        return new BudgetRule { Index = index, Who = who, Except = except, On = on, Budget = budget };
    }

    private static void CheckLimits(YamlMap map, BudgetScope? per)
    {
        var countsRows = map.Has("rowsRead") || map.Has("rowsWritten");
        if (!countsRows && !map.Has("statementsPerMinute"))
            map.Problems.Error(map, "needs \"rowsRead\", \"rowsWritten\" or \"statementsPerMinute\".");
        else if (map.Find("within") is { } unused && !countsRows)
            map.Problems.Error(unused, "\"within\" goes with \"rowsRead\" and \"rowsWritten\"; statements count for a minute.");
        else if (countsRows && per == BudgetScope.Principal && !map.Has("within"))
            map.Problems.Error(map, "\"within\" is missing: rows per principal would count for ever.");
    }
}
