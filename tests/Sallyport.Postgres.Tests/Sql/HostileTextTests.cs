using System.Text;
using Sallyport.Core;
using Sallyport.Postgres.Sql;

namespace Sallyport.Postgres.Tests.Sql;

/// <summary>Text that is meant to break a parser (threat 14): it is opaque, and the next text is read as ever.</summary>
[Collection(SqlReaderCollection.Name)]
public sealed class HostileTextTests(SqlReaderFixture sql)
{
    public static TheoryData<string, string> Hostile() => new()
    {
        { "parentheses", "select " + new string('(', 10_000) + "1" + new string(')', 10_000) },
        { "open parentheses", "select " + new string('(', 10_000) },
        { "union all", string.Join(" union all ", Enumerable.Repeat("select 1", 20_000)) },
        { "sums", "select " + string.Join("+", Enumerable.Repeat("1", 5_000)) },
        { "not", "select " + string.Concat(Enumerable.Repeat("not ", 20_000)) + "true" },
        { "casts", "select 1" + string.Concat(Enumerable.Repeat("::int", 20_000)) },
        { "subqueries", string.Concat(Enumerable.Repeat("select * from (", 3_000)) + "select 1" + new string(')', 3_000) },
        { "case", string.Concat(Enumerable.Repeat("select case when ", 3_000)) },
        { "arrays", "select " + new string('[', 50_000) },
        { "comment", "/*" + new string('*', 100_000) },
        { "nested comments", string.Concat(Enumerable.Repeat("/*", 50_000)) },
        { "quote", "select '" + new string('x', 100_000) },
        { "dollar quote", "select $a$" + new string('$', 100_000) },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Threat14_HostileTextIsOpaqueAndTheReaderLives(string name, string text)
    {
        var facts = sql.Read(text);

        var effect = Assert.Single(facts.Effects);
        Assert.Equal((EffectKind.Opaque, SqlReader.UnreadableVerb), (effect.Kind, effect.Verb));
        Assert.False(string.IsNullOrEmpty(effect.Detail), name);
        Assert.Empty(facts.Statements);
        Assert.Equal("drop drop_table t", SqlReaderFixture.Describe(sql.Read("drop table t")));
    }

    [Fact]
    public void Threat14_NulIsOpaque() => AssertOpaque("select 1\0; drop table t"u8, "the text has a NUL byte");

    [Theory]
    [InlineData(new byte[] { 0x27, 0x94, 0x5c, 0x27 })]
    [InlineData(new byte[] { 0xc0, 0xaf })]
    [InlineData(new byte[] { 0xed, 0xa0, 0x80 })]
    [InlineData(new byte[] { 0xff })]
    public void Threat12_InvalidUtf8IsOpaque(byte[] bytes) => AssertOpaque([.. "select "u8, .. bytes], "the text is not valid UTF-8");

    [Fact]
    public void Threat14_MoreThanTheLimitIsOpaqueAndTheLimitItselfIsRead()
    {
        const int limit = 4 << 20;
        var text = Encoding.ASCII.GetBytes("delete from t -- " + new string('x', limit));

        AssertOpaque(text.AsSpan(0, limit + 1), "the text is too long to be read");
        Assert.Equal("write delete t no-where", SqlReaderFixture.Describe(sql.Reader.Read(text.AsSpan(0, limit))));
    }

    [Fact]
    public void AParseThatTakesTooLongIsCutOff()
    {
        using var hurried = SqlReader.Create(new SqlReaderOptions { CacheFolder = SqlReaderFixture.CacheFolder, TimeLimit = TimeSpan.FromMilliseconds(10) });
        var text = "select 1" + string.Concat(Enumerable.Repeat(", (select a from t where b = 1)", 100_000));

        var effect = Assert.Single(hurried.Read(Encoding.ASCII.GetBytes(text)).Effects);

        Assert.Equal((EffectKind.Opaque, "took too long"), (effect.Kind, effect.Detail));
    }

    [Theory]
    [InlineData("selec 1", "syntax error: syntax error at or near \"selec\"")]
    [InlineData("select 'x", "syntax error: unterminated quoted string at or near \"'x\"")]
    [InlineData("select 1 from", "syntax error: syntax error at end of input")]
    public void ASyntaxErrorSaysWhatPostgresWouldSay(string text, string detail) => AssertOpaque(Encoding.UTF8.GetBytes(text), detail);

    [Theory]
    [InlineData("")]
    [InlineData(" ; ;; -- nothing")]
    [InlineData("/* drop table t */")]
    public void AnEmptyTextDoesNothing(string text)
    {
        var facts = sql.Read(text);

        Assert.Empty(facts.Effects);
        Assert.Empty(facts.Statements);
        Assert.False(facts.IsOpaque);
    }

    [Fact]
    public void DeepButHonestTextIsRead()
    {
        var text = "select a from t where " + string.Join(" or ", Enumerable.Range(0, 5_000).Select(i => $"id = {i}"));

        Assert.Equal("read select t(a,id)", SqlReaderFixture.Describe(sql.Read(text)));
        Assert.False(sql.Read("select " + string.Join("||", Enumerable.Repeat("a", 300)) + " from t").IsOpaque);
    }

    private void AssertOpaque(ReadOnlySpan<byte> text, string detail)
    {
        var facts = sql.Reader.Read(text);
        var effect = Assert.Single(facts.Effects);
        Assert.Equal((EffectKind.Opaque, detail), (effect.Kind, effect.Detail));
        Assert.True(facts.IsOpaque);
        Assert.Empty(facts.Statements);
    }
}
