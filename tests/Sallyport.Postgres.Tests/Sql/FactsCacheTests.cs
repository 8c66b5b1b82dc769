using System.Buffers.Binary;
using System.Text;
using Sallyport.Core;
using Sallyport.Postgres.Sql;

namespace Sallyport.Postgres.Tests.Sql;

[Collection(SqlReaderCollection.Name)]
public sealed class FactsCacheTests(SqlReaderFixture sql)
{
    private const int EntryCost = 1024 + 4 * sizeof(int);

    [Fact]
    public void AHitIsTheSameFactsAndAllocatesNothing()
    {
        var text = "select a from cached where b = 1"u8.ToArray();
        var first = sql.Reader.Read(text);
        sql.Reader.Read(text);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var again = sql.Reader.Read(text);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Same(first, again);
        Assert.Equal(0, allocated);
    }

    [Fact]
    public void TextsOfOneHashKeepTheirOwnFacts()
    {
        var cache = new FactsCache(1 << 20, 1024, 4, static _ => 42);
        var facts = Enumerable.Range(0, 8).Select(NewFacts).ToArray();
        for (var i = 0; i < facts.Length; i++)
            cache.Add(Key(i), facts[i]);

        for (var i = 0; i < facts.Length; i++)
            Assert.Same(facts[i], cache.Find(Key(i)));
        Assert.Null(cache.Find(Key(8)));
    }

    [Fact]
    public void ItNeverHoldsMoreThanItsRoom()
    {
        var cache = new FactsCache(10 * EntryCost, 1024, 64, HashOf);
        for (var i = 0; i < 1_000; i++)
        {
            cache.Add(Key(i), NewFacts(i));
            cache.Add(Key(i), NewFacts(i));
            Assert.InRange(cache.Bytes, 0, 10 * EntryCost);
        }
        Assert.Equal(10, Enumerable.Range(0, 1_000).Count(i => cache.Find(Key(i)) is not null));
    }

    [Fact]
    public void AFullBucketEvictsAndForgetsTheCost()
    {
        var cache = new FactsCache(1 << 20, 1024, 1, HashOf);
        for (var i = 0; i < 100; i++)
            cache.Add(Key(i), NewFacts(i));

        Assert.Equal(8 * EntryCost, cache.Bytes);
    }

    [Fact]
    public void AFloodOfNewTextsDoesNotFlushWhatIsAskedFor()
    {
        var cache = new FactsCache(100 * EntryCost, 1024, 64, HashOf);
        for (var i = 0; i < 40; i++)
            cache.Add(Key(i), NewFacts(i));

        for (var i = 1_000; i < 20_000; i++)
        {
            cache.Add(Key(i), NewFacts(i));
            Assert.NotNull(cache.Find(Key(i % 40)));
        }
    }

    [Fact]
    public void ALongTextIsNotKept()
    {
        var cache = new FactsCache(1 << 20, 8, 4, HashOf);
        cache.Add("123456789"u8.ToArray(), NewFacts(0));

        Assert.Null(cache.Find("123456789"u8));
        Assert.Equal(0, cache.Bytes);
    }

    [Fact]
    public void ReadersAndWritersTogetherNeverSeeAnothersFacts()
    {
        var cache = new FactsCache(50 * EntryCost, 1024, 8, HashOf);
        var facts = Enumerable.Range(0, 200).Select(NewFacts).ToArray();

        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, worker =>
        {
            var random = new Random(worker);
            for (var n = 0; n < 20_000; n++)
            {
                var i = random.Next(facts.Length);
                if (cache.Find(Key(i)) is { } found)
                    Assert.Same(facts[i], found);
                else
                    cache.Add(Key(i), facts[i]);
            }
        });
        Assert.InRange(cache.Bytes, 0, 50 * EntryCost);
    }

    [Fact]
    public void FactsDependOnTheExactBytes()
    {
        Assert.Equal("read select customers", SqlReaderFixture.Describe(sql.Read("select * from customers c")));
        Assert.Equal("read select payroll", SqlReaderFixture.Describe(sql.Read("select * from payroll c")));
        Assert.NotSame(sql.Read("select 1"), sql.Reader.Read(Encoding.UTF8.GetBytes("select 1 ")));
    }

    private static byte[] Key(int i)
    {
        var key = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(key, i);
        return key;
    }

    private static ulong HashOf(ReadOnlySpan<byte> text) =>
        BinaryPrimitives.ReadUInt32LittleEndian(text) * 0x9E3779B97F4A7C15UL >> 7;

    private static SqlFacts NewFacts(int i) => new([new Effect(EffectKind.Read, $"v{i}")], []);
}
