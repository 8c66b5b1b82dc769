using Sallyport.Core;

namespace Sallyport.Policy.Tests.Reading;

public sealed class BudgetTests
{
    private static string Policy(params string[] budgets) =>
        "version: 1\nrules:\n  - { name: reads, who: everyone, on: everything, do: read, then: allow }\nbudgets:\n" +
        string.Concat(budgets.Select(static b => $"  - {{ {b} }}\n"));

    [Fact]
    public void ABudgetIsReadWithAllItsKeys()
    {
        var policy = Given.Policy(Policy(
            "name: rows, who: agents, except: 'agent:bot-8', on: shop, per: principal, rowsRead: 10000, rowsWritten: 100, statementsPerMinute: 60, " +
            "within: 1h, message: Ask for an export., mode: observe",
            "name: all, on: everything, per: session, rowsRead: 7"));

        Assert.Equal<Budget>(
            [
                new Budget("rows", BudgetScope.Principal)
                {
                    RowsRead = 10000, RowsWritten = 100, StatementsPerMinute = 60, Within = TimeSpan.FromHours(1), Message = "Ask for an export.", Observes = true,
                },
                new Budget("all", BudgetScope.Session) { RowsRead = 7 },
            ],
            policy.BudgetsFor(Given.Agent("bot-7", "agents"), Given.Shop));
        Assert.Equal(["all"], policy.BudgetsFor(Given.Agent("bot-8", "agents"), Given.Shop).Select(static b => b.Name));
        Assert.Equal(["all"], policy.BudgetsFor(Given.Agent("bot-7", "agents"), Given.Lab).Select(static b => b.Name));
        Assert.Equal(["all"], policy.BudgetsFor(Given.Person("ana"), Given.Shop).Select(static b => b.Name));
        Assert.Empty(Given.Policy("version: 1\nrules: []\n").BudgetsFor(Given.Person("ana"), Given.Shop));
    }

    [Theory]
    [InlineData("per: session", "needs \"rowsRead\", \"rowsWritten\" or \"statementsPerMinute\".")]
    [InlineData("rowsRead: 1", "\"per\" is missing.")]
    [InlineData("per: group, rowsRead: 1", "\"group\" is not one of session, principal.")]
    [InlineData("per: session, rowsRead: 0", "must be a whole number from 1 to 2000000000, not \"0\".")]
    [InlineData("per: session, statementsPerMinute: fast", "must be a whole number from 1 to 1000000, not \"fast\".")]
    [InlineData("per: principal, rowsWritten: 1", "\"within\" is missing: rows per principal would count for ever.")]
    [InlineData("per: session, statementsPerMinute: 1, within: 1h", "\"within\" goes with \"rowsRead\" and \"rowsWritten\"; statements count for a minute.")]
    [InlineData("per: session, rowsRead: 1, within: 1s", "must be from 1m to 31d, not 1s.")]
    [InlineData("per: session, rowsRead: 1, mode: observ", "Did you mean observe?")]
    [InlineData("per: session, rowRead: 1, statementsPerMinute: 1", "\"rowRead\" is not a known key here. Did you mean rowsRead?")]
    public void AMistakeInABudgetIsAnError(string rest, string error)
    {
        var load = Given.Load(Policy($"name: b, on: shop, {rest}"));
        Assert.Null(load.Snapshot);
        Assert.Contains(error, Assert.Single(load.Errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ANameIsOfOneRuleOrOneBudget()
    {
        var load = Given.Load(Policy("name: reads, on: shop, per: session, rowsRead: 1"));
        Assert.Contains("the name \"reads\" is already used in line 3.", Assert.Single(load.Errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnExplanationNamesTheBudgetsThatApply()
    {
        var policy = Given.Policy(Policy(
            "name: rows, on: shop, per: principal, rowsRead: 10000, rowsWritten: 100, within: 90m",
            "name: pace, on: shop, per: session, statementsPerMinute: 60, mode: observe",
            "name: other, on: lab, per: session, rowsRead: 1"));
        using var text = new StringWriter { NewLine = "\n" };
        PolicyExplanation.Of(policy, Given.Reads("t"), Given.Person("ana"), Given.Shop, null).Write(text);
        Assert.EndsWith(
            "verdict: allow by reads\n" +
            "budget: 10000 rows read within 90m and 100 rows written within 90m, per principal by rows\n" +
            "budget: 60 statements per minute, per session by pace, observed only\n",
            text.ToString(), StringComparison.Ordinal);
    }
}
