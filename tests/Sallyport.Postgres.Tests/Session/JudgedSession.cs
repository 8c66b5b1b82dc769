using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Sallyport.Core;
using Sallyport.Policy;
using Sallyport.Postgres.Catalogue;
using Sallyport.Postgres.Session;
using Sallyport.Postgres.Tests.Sql;

namespace Sallyport.Postgres.Tests.Session;

/// <summary>One session's judge over a policy file, a catalogue and a clock that the test changes. It says what the policy was asked.</summary>
internal sealed class JudgedSession : IDisposable
{
    public static readonly TimeSpan Age = TimeSpan.FromSeconds(30);

    public static readonly Catalogue.Catalogue Shop = Reading(
        new CatalogueRelation(1, "public", "accounts", 'r'), new CatalogueRelation(2, "public", "payroll", 'r'), new CatalogueRelation(3, "hr", "payroll", 'r'));

    private static readonly PostgresResource Resource = new("shop", FrozenDictionary<string, string>.Empty) { Host = "nowhere", Database = "shop", User = "gateway" };

    private readonly SqlReaderFixture _sql;
    private readonly string _path = Path.GetTempFileName();
    private readonly PolicyHolder _policy;
    private readonly CountingDecider _decider;
    private readonly CatalogueCache _catalogues;

    public JudgedSession(SqlReaderFixture sql, string policy)
    {
        _sql = sql;
        _policy = new PolicyHolder(_path, (_, text) => sql.Read(text), () => new PolicyContext());
        _decider = new CountingDecider(_policy);
        _catalogues = new CatalogueCache((_, _, _) => new(Database), Time, Age);
        Reload(policy);
        var services = new PostgresServices(
            null!, null!, _decider, null!, null!, sql.Reader, null!, _catalogues, null!, new BudgetLedger(Time), null!, Time, NullLoggerFactory.Instance);
        Judge = new Judge(services, new Principal { Name = "ana" }, Resource);
    }

    public Judge Judge { get; }

    public FakeTimeProvider Time { get; } = new();

    /// <summary>What the next reading of the catalogue finds.</summary>
    public Catalogue.Catalogue Database { get; set; } = Shop;

    public static Catalogue.Catalogue Reading(params CatalogueRelation[] relations) => Reading(relations, []);

    public static Catalogue.Catalogue Reading(CatalogueRelation[] relations, CatalogueDependency[] dependencies) =>
        new(relations, [], [new CatalogueColumn(1, 1, "card")], dependencies, null) { SchemaDigest = 1 };

    /// <summary>The file's new bytes are in force.</summary>
    public void Reload(string policy)
    {
        File.WriteAllText(_path, policy);
        Assert.True(_policy.Reload(), string.Join('\n', _policy.LastErrors));
    }

    public async Task RefreshAsync() => Assert.True(await Judge.RefreshAsync(CancellationToken.None));

    /// <summary>A command changed, or may have, what the database has; any session's.</summary>
    public void Mark(CatalogueChange change) => _catalogues.Mark(Resource, change);

    /// <summary>The session says where it looks, and which temporary relations it has.</summary>
    public void SayNames(string schema, string? temporary = null)
    {
        var reading = new NamesReading(hasOwnSync: true);
        Judge.Names.BeginReading();
        if (temporary is not null)
        {
            Assert.True(reading.TryAdd(Row("p", "1", "pg_temp_3", "", "")) && reading.TryAdd(Row("s", "", "pg_temp_3", "", "")));
            Assert.True(reading.TryAdd(Row("r", "99", temporary, "r", "")));
        }
        Assert.True(reading.TryAdd(Row("p", "2", schema, "", "")));
        reading.Complete();
        Judge.Take(reading, isBetween: true);
    }

    /// <summary>A command was sent upstream.</summary>
    public void Sent(string text) => Judge.Follow(_sql.Read(text));

    public bool AllowsAtOnce(string text, bool isResolved = true) => Judge.AllowsAtOnce(_sql.Reader.Read(Encoding.UTF8.GetBytes(text)), isResolved, out _);

    /// <summary>Has it judged until nothing is asked any more.</summary>
    public void Remember(string text)
    {
        for (var i = 0; i < 3; i++)
            Assert.True(AllowsAtOnce(text));
        var asked = _decider.Asked;
        Assert.True(AllowsAtOnce(text));
        Assert.Equal(asked, _decider.Asked);
    }

    public void Dispose()
    {
        _catalogues.Dispose();
        File.Delete(_path);
    }

    private static byte[] Row(params string[] values) =>
        [0, 5, .. values.SelectMany(static v => (byte[])[0, 0, 0, (byte)v.Length, .. Encoding.UTF8.GetBytes(v)])];

    private sealed class CountingDecider(IDecider decider) : IDecider
    {
        public int Asked { get; private set; }

        public string Snapshot => decider.Snapshot;

        public Decision Decide(Facts facts, Principal principal, Resource resource, INameResolver? names)
        {
            Asked++;
            return decider.Decide(facts, principal, resource, names);
        }

        public bool Admits(Principal principal, Resource resource) => decider.Admits(principal, resource);

        public MaskSet MasksFor(Principal principal, Resource resource) => decider.MasksFor(principal, resource);

        public ImmutableArray<Budget> BudgetsFor(Principal principal, Resource resource) => decider.BudgetsFor(principal, resource);
    }
}
