using System.Text;
using BenchmarkDotNet.Attributes;
using Sallyport.Core;
using Sallyport.Postgres.Catalogue;
using Sallyport.Postgres.Session;
using Sallyport.Postgres.Sql;
using Sallyport.Postgres.Wire;

namespace Sallyport.Benchmarks;

/// <summary>How rows of ten columns are masked, two of them: worked out once for each description that the server sends.</summary>
[MemoryDiagnoser]
public class MaskPlanBenchmarks
{
    private const int Columns = 10;

    private static readonly MaskSet Masks = new(
        [
            new ColumnMask("public", "customers", "c3", Mask.Redact, "cards"),
            new ColumnMask("public", "customers", "c7", new Mask(MaskKind.Email), "cards"),
        ],
        Detectors.None, Mask.Redact);

    private readonly FieldDescription[] _fields =
        [.. Enumerable.Range(1, Columns).Select(static i => new FieldDescription(1, (short)i, 25, 0))];

    private SqlReader _reader = null!;
    private MaskGuard _guard = null!;
    private SqlFacts _facts = null!;

    [GlobalSetup]
    public void Open()
    {
        _reader = SqlReader.Create(new SqlReaderOptions());
        var catalogue = new Catalogue(
            [new CatalogueRelation(1, "public", "customers", 'r')], [],
            [.. Enumerable.Range(1, Columns).Select(static i => new CatalogueColumn(1, (short)i, $"c{i}"))], [], null);
        _guard = new MaskGuard(Masks, catalogue, _reader);
        _facts = _reader.Read(Encoding.UTF8.GetBytes("select c1, c2, c3, c4, c5, c6, c7, c8, c9, c10 from public.customers"));
        if (_guard.Plan(_fields, _facts, touches: true).IsPassThrough)
            throw new InvalidOperationException("The plan masks nothing.");
    }

    [GlobalCleanup]
    public void Close() => _reader.Dispose();

    [Benchmark]
    public object Plan() => _guard.Plan(_fields, _facts, touches: true);
}
