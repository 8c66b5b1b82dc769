using System.Runtime.InteropServices;
using System.Text;
using Sallyport.Postgres.Sql;

namespace Sallyport.Postgres.Tests.Sql;

/// <summary>Facts carry the exact bytes they were read from, whatever becomes of the buffer those lay in.</summary>
[Collection(SqlReaderCollection.Name)]
public sealed class FactsTextTests(SqlReaderFixture sql)
{
    public static TheoryData<string, byte[]> Texts() => new()
    {
        { "empty", [] },
        { "cached", "select 'text of a cached command'"u8.ToArray() },
        { "not cached", Encoding.UTF8.GetBytes($"select '{new string('x', 70_000)}'") },
        { "syntax error", "selekt text of facts"u8.ToArray() },
        { "NUL", "select 1\0; drop table t"u8.ToArray() },
        { "not UTF-8", [.. "select '"u8, 0xC3, 0x28, .. "'"u8] },
        { "too deep", Encoding.UTF8.GetBytes("select " + new string('(', 10_000)) },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public void TheTextIsACopyOfWhatWasRead(string name, byte[] text)
    {
        var buffer = text.ToArray();

        var facts = sql.Reader.Read(buffer);
        buffer.AsSpan().Fill((byte)'#');

        Assert.True(text.AsSpan().SequenceEqual(facts.Text.Span), name);
    }

    [Fact]
    public void TheCacheKeepsNoSecondCopy()
    {
        var cache = new FactsCache(1 << 20, 1024, 4, static _ => 42);
        var text = "select 1"u8.ToArray();
        cache.Add(text, new SqlFacts([], []) { Text = text });
        "select 2"u8.CopyTo(text);

        // The entry is found by the bytes the facts carry: they are the same array.
        var found = cache.Find("select 2"u8);

        Assert.NotNull(found);
        Assert.True(MemoryMarshal.TryGetArray(found.Text, out var segment));
        Assert.Same(text, segment.Array);
    }
}
