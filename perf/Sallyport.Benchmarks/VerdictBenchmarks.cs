using System.Collections.Frozen;
using System.Text;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Logging.Abstractions;
using Sallyport.Core;
using Sallyport.Policy;
using Sallyport.Postgres;
using Sallyport.Postgres.Catalogue;
using Sallyport.Postgres.Session;
using Sallyport.Postgres.Sql;

namespace Sallyport.Benchmarks;

/// <summary>
/// The verdict of a session on a text of 100 bytes that it has met before, as the fast tier asks for it: the text's facts, whether
/// what they hang on is fresh, the policy and the masks. The names are unqualified; the session has said where it looks.
/// </summary>
[MemoryDiagnoser]
public class VerdictBenchmarks
{
    private const string Policy = """
        version: 1
        rules:
          - { name: reads, who: everyone, on: shop, do: read, then: allow }
          - { name: payroll, who: everyone, on: shop, if: { relation: hr.payroll }, then: deny }
        """;

    private const string Masks = """
        masks:
          - { name: cards, on: shop, columns: { public.customers.card: redact } }
        """;

    private static readonly byte[] Text =
        Encoding.UTF8.GetBytes("select abalance, filler from accounts where aid = $1 and bid = $2 order by aid limit 10".PadRight(100));

    private static readonly Catalogue Shop = new(
        [new CatalogueRelation(1, "public", "accounts", 'r'), new CatalogueRelation(2, "public", "customers", 'r')], [],
        [new CatalogueColumn(2, 1, "card")], [], null)
    {
        SchemaDigest = 1,
    };

    private static readonly PostgresResource Resource = new("shop", FrozenDictionary<string, string>.Empty)
    {
        Host = "nowhere",
        Database = "shop",
        User = "gateway",
    };

    private SqlReader _reader = null!;
    private CatalogueCache _catalogues = null!;
    private Judge _judge = null!;

    [Params(false, true)]
    public bool HasMasks { get; set; }

    [GlobalSetup]
    public void Open()
    {
        _reader = SqlReader.Create(new SqlReaderOptions());
        _catalogues = new CatalogueCache(static (_, _, _) => new(Shop), TimeProvider.System, TimeSpan.FromHours(1));
        var load = PolicyFile.Read("policy.yaml", Encoding.UTF8.GetBytes(HasMasks ? Policy + '\n' + Masks : Policy), null);
        var policy = load.Snapshot ?? throw new InvalidOperationException(string.Join('\n', load.Errors));
        var services = new PostgresServices(
            null!, null!, policy, null!, null!, _reader, null!, _catalogues, null!, null!, null!, TimeProvider.System,
            NullLoggerFactory.Instance);
        _judge = new Judge(services, new Principal { Name = "ana" }, Resource);
        if (!_judge.RefreshAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult())
            throw new InvalidOperationException("There is no catalogue.");
        _judge.Names.BeginReading();
        var reading = new NamesReading(hasOwnSync: true);
        reading.TryAdd([0, 5, .. Field("p"), .. Field("1"), .. Field("public"), .. Field(""), .. Field("")]);
        reading.Complete();
        _judge.Take(reading, isBetween: true);
        if (!Verdict())
            throw new InvalidOperationException("The policy does not allow what is measured as an allow.");
    }

    [GlobalCleanup]
    public void Close()
    {
        _reader.Dispose();
        _catalogues.Dispose();
    }

    [Benchmark]
    public bool Verdict()
    {
        var facts = _reader.Read(Text);
        return !Postgres.Session.SqlNames.RunsByName(facts) && _judge.AllowsAtOnce(facts, isResolved: true, out _);
    }

    private static byte[] Field(string value) => [0, 0, 0, (byte)value.Length, .. Encoding.UTF8.GetBytes(value)];
}
