using Sallyport.Postgres.Catalogue;
using Sallyport.Postgres.Tests.Sql;

namespace Sallyport.Postgres.Tests.Session;

/// <summary>A verdict that is remembered is not given once anything that it was made from is another.</summary>
[Collection(SqlReaderCollection.Name)]
public sealed class KnownVerdictTests : IDisposable
{
    private const string Reads = """
        version: 1
        rules:
          - { name: reads, who: everyone, on: shop, do: [read, session], then: allow }

        """;

    private const string ClosedHr = Reads + "  - { name: hr, who: everyone, on: shop, if: { relation: hr.payroll }, then: deny }\n";
    private const string Masked = ClosedHr + "masks:\n  - { name: cards, on: shop, columns: { public.accounts.card: redact } }\n";
    private const string Accounts = "select * from accounts";
    private const string Payroll = "select * from payroll";

    private readonly SqlReaderFixture _sql;
    private JudgedSession? _session;

    public KnownVerdictTests(SqlReaderFixture sql) => _sql = sql;

    public void Dispose() => _session?.Dispose();

    [Theory]
    [InlineData("rules:\n  - { name: none, who: everyone, on: shop, if: { relation: accounts }, then: deny }\n")]
    [InlineData("rules:\n  - { name: wait, who: everyone, on: shop, do: read, then: hold, approvers: [dba] }\n")]
    [InlineData("rules:\n  - { name: nothing, who: everyone, on: shop, do: write, then: allow }\n")]
    [InlineData(null)]
    public async Task AReloadedPolicyIsMetByTheNextCommand(string? rules)
    {
        var session = await OpenAsync(Reads);
        session.Remember(Accounts);
        session.Reload(rules is null ? Reads + "  - { name: trial, who: everyone, on: shop, do: read, then: deny, mode: observe }\n" : "version: 1\n" + rules);

        Assert.False(session.AllowsAtOnce(Accounts));
    }

    [Fact]
    public async Task ABudgetOfAReloadedPolicyIsCharged()
    {
        var session = await OpenAsync(Reads);
        session.Remember(Accounts);
        session.Reload(Reads + "budgets:\n  - { name: rows, who: everyone, on: shop, per: session, rowsRead: 1 }\n");

        Assert.False(session.AllowsAtOnce(Accounts));
        session.Reload(Reads);
        session.Remember(Accounts);
    }

    [Fact]
    public async Task AMaskOfAReloadedPolicyIsInForce()
    {
        var session = await OpenAsync(ClosedHr);
        session.SayNames("public");
        session.Remember(Accounts);
        session.Reload(Masked);

        Assert.False(session.AllowsAtOnce(Accounts) && session.Judge.Guard is null);
        await session.RefreshAsync();
        Assert.True(session.AllowsAtOnce(Accounts));
        Assert.NotNull(session.Judge.Guard);
    }

    [Fact]
    public async Task WhatTheLastCommandsNamesMeantIsWhatTheGuardGoesBy()
    {
        var session = await OpenAsync(Masked);
        session.SayNames("public");
        session.Remember(Accounts);
        var guard = session.Judge.Guard;
        session.Judge.Decide(_sql.Read(Accounts), isResolved: false);
        Assert.NotSame(guard, session.Judge.Guard);

        Assert.True(session.AllowsAtOnce(Accounts));
        Assert.Same(guard, session.Judge.Guard);
    }

    [Theory]
    [InlineData(ClosedHr, CatalogueChange.Known)]
    [InlineData(Masked, CatalogueChange.Known)]
    [InlineData(Masked, CatalogueChange.Possible)]
    public async Task AChangeOfTheDatabaseByAnySessionIsReadFirst(string policy, CatalogueChange change)
    {
        var session = await OpenAsync(policy);
        if (policy == Masked)
            session.SayNames("public");
        session.Remember(Accounts);
        session.Mark(change);
        Assert.False(session.AllowsAtOnce(Accounts));

        // It is a view over what is closed now.
        session.Database = JudgedSession.Reading(
            [new CatalogueRelation(1, "public", "accounts", 'v'), new CatalogueRelation(3, "hr", "payroll", 'r')], [new CatalogueDependency(1, 3, false)]);
        await session.RefreshAsync();
        Assert.False(session.AllowsAtOnce(Accounts));
    }

    [Fact]
    public async Task ACatalogueThatGrewOldIsReadAnew()
    {
        var session = await OpenAsync(Masked);
        session.SayNames("public");
        session.Remember(Accounts);
        session.Time.Advance(JudgedSession.Age + TimeSpan.FromSeconds(1));

        Assert.False(session.AllowsAtOnce(Accounts));
        await session.RefreshAsync();
        session.Remember(Accounts);
    }

    [Theory]
    [InlineData("set search_path = hr")]
    [InlineData("select set_config('search_path', 'hr', false)")]
    [InlineData("set role other")]
    [InlineData("reset role")]
    [InlineData("discard all")]
    [InlineData("create temp table payroll (who text)")]
    [InlineData("create table payroll (who text)")]
    [InlineData("do $$ begin null; end $$")]
    public async Task WhatMovesNamesIsAskedForFirst(string text)
    {
        var session = await OpenAsync(ClosedHr);
        session.SayNames("public");
        session.Remember(Payroll);
        session.Sent(text);

        Assert.False(session.AllowsAtOnce(Payroll));
    }

    [Fact]
    public async Task WhatTheServerReportsOfTheSearchPathCounts()
    {
        var session = await OpenAsync(ClosedHr);
        session.SayNames("public");
        session.Remember(Payroll);
        session.Judge.Names.PathReported();

        Assert.False(session.AllowsAtOnce(Payroll));
    }

    [Fact]
    public async Task EachSearchPathHasItsOwnVerdict()
    {
        var session = await OpenAsync(ClosedHr);
        for (var i = 0; i < 2; i++)
        {
            session.SayNames("public");
            session.Remember(Payroll);
            session.SayNames("hr");
            Assert.False(session.AllowsAtOnce(Payroll));
        }
    }

    [Fact]
    public async Task ATemporaryRelationOfTheNameIsAnother()
    {
        var session = await OpenAsync("version: 1\nrules:\n  - { name: one, who: everyone, on: shop, do: read, if: { relation: public.payroll }, then: allow }\n");
        session.SayNames("public");
        session.Remember(Payroll);
        session.SayNames("public", temporary: "payroll");

        Assert.False(session.AllowsAtOnce(Payroll));
    }

    [Fact]
    public async Task NamesThatWereResolvedAtAnotherTimeMayMeanAnything()
    {
        var session = await OpenAsync(ClosedHr);
        session.SayNames("public");
        session.Remember(Payroll);

        Assert.False(session.AllowsAtOnce(Payroll, isResolved: false));
    }

    /// <summary>A session that was never asked what its names mean passes by all that they may mean.</summary>
    [Fact]
    public async Task ASessionThatMayHaveRelationsOfItsOwnIsNotGuessedAt()
    {
        var session = await OpenAsync(ClosedHr);
        session.Remember(Accounts);
        session.Sent("create temp table accounts (card text)");

        Assert.False(session.AllowsAtOnce(Accounts));
    }

    [Fact]
    public async Task CodeThatTheSessionChangedIsNotReadBeforeItsTransactionEnds()
    {
        var session = await OpenAsync(ClosedHr);
        session.Remember(Accounts);
        session.Sent("alter function slugify(text) rename to slug");
        Assert.True(session.Judge.HasOwnChanges);

        Assert.False(session.AllowsAtOnce(Accounts));
    }

    [Fact]
    public async Task ManyCommandsAreRememberedSideBySideAndNoneForAnother()
    {
        var session = await OpenAsync(ClosedHr);
        for (var i = 0; i < 200; i++)
        {
            Assert.True(session.AllowsAtOnce($"select {i} from accounts"));
            Assert.False(session.AllowsAtOnce($"select {i} from hr.payroll"));
        }
    }

    private async Task<JudgedSession> OpenAsync(string policy)
    {
        _session = new JudgedSession(_sql, policy);
        await _session.RefreshAsync();
        return _session;
    }
}
