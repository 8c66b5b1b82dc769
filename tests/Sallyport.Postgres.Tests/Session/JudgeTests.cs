using System.Collections.Frozen;
using System.Collections.Immutable;
using Microsoft.Extensions.Logging.Abstractions;
using Sallyport.Core;
using Sallyport.Postgres.Catalogue;
using Sallyport.Postgres.Session;
using Sallyport.Postgres.Tests.Sql;

namespace Sallyport.Postgres.Tests.Session;

[Collection(SqlReaderCollection.Name)]
public sealed class JudgeTests
{
    private static readonly MaskSet Masked = new([new ColumnMask("public", "customers", "ssn", Mask.Redact, "hidden")], Detectors.None, Mask.Redact);

    private static readonly Catalogue.Catalogue Shop = new(
        [new CatalogueRelation(1, "public", "customers", 'r')], [], [new CatalogueColumn(1, 1, "ssn")], [], null);

    private static readonly PostgresResource Resource = new("shop", FrozenDictionary<string, string>.Empty) { Host = "nowhere", Database = "shop", User = "gateway" };

    private readonly SqlReaderFixture _sql;

    public JudgeTests(SqlReaderFixture sql) => _sql = sql;

    /// <summary>Before: everything is denied and nothing masked. After: the read is allowed, with a mask.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Threat20_APolicyThatIsReloadedWhileACommandIsJudgedNeverAllowsWithoutItsMask(int askedBefore)
    {
        using var catalogues = new CatalogueCache((_, _, _) => new(Shop), TimeProvider.System, TimeSpan.FromHours(1));
        var decider = new ReloadedDecider(askedBefore);
        var services = new PostgresServices(
            null!, null!, decider, null!, null!, null!, null!, catalogues, null!, null!, null!, TimeProvider.System, NullLoggerFactory.Instance);
        var judge = new Judge(services, new Principal { Name = "ana" }, Resource);
        var facts = _sql.Read("select ssn from customers");

        if (!judge.IsReady(facts))
            Assert.True(await judge.RefreshAsync(CancellationToken.None));
        var judgement = judge.Decide(facts);

        if (judgement.Decision.Kind == DecisionKind.Allow)
            Assert.Same(Masked, judge.Guard?.Masks);
        judgement = judge.Decide(facts);
        Assert.Equal(DecisionKind.Allow, judgement.Decision.Kind);
        Assert.Same(Masked, judge.Guard?.Masks);
    }

    /// <summary>A policy that is another from a certain question on.</summary>
    private sealed class ReloadedDecider(int askedBefore) : IDecider
    {
        private int _asked;

        private bool IsAfter => Interlocked.Increment(ref _asked) > askedBefore;

        public string Snapshot => IsAfter ? "after" : "before";

        public Decision Decide(Facts facts, Principal principal, Resource resource, INameResolver? names) => IsAfter
            ? new Decision(DecisionKind.Allow, "reads") { Snapshot = "after" }
            : new Decision(DecisionKind.Deny, "nothing") { Snapshot = "before" };

        public bool Admits(Principal principal, Resource resource) => true;

        public MaskSet MasksFor(Principal principal, Resource resource) => IsAfter ? Masked : MaskSet.None;

        public ImmutableArray<Budget> BudgetsFor(Principal principal, Resource resource) => [];
    }
}
