using System.Text;
using Sallyport.Postgres.Sql;

namespace Sallyport.Postgres.Tests.Sql;

[Collection(SqlReaderCollection.Name)]
public sealed class CopyOptionsTests(SqlReaderFixture sql)
{
    private CopyOptions Read(string text) => Assert.Single(sql.Read(text).Statements).Copy!;

    [Theory]
    [InlineData("copy t to stdout", "Text \\t N=\\N -")]
    [InlineData("copy t to stdout (format text, delimiter '|', null 'none', header)", "Text | N=none header")]
    [InlineData("copy t to stdout delimiters ';' null as ''", "Text ; N= -")]
    [InlineData("copy t to stdout using delimiters ';'", "Text ; N=\\N -")]
    [InlineData("copy t to stdout (format csv)", "Csv , N= - \"\"")]
    [InlineData("copy t to stdout csv", "Csv , N= - \"\"")]
    [InlineData("copy t to stdout csv header delimiter E'\\t' null 'x' quote '''' escape '\\' force quote a, b", "Csv \\t N=x header '\\ forced")]
    [InlineData("copy t to stdout (format csv, quote '$', force_quote *)", "Csv , N= - $$ forced")]
    [InlineData("copy t to stdout (format csv, header false, force_quote (a))", "Csv , N= - \"\" forced")]
    [InlineData("copy t to stdout (format csv, header 1, encoding 'utf-8')", "Csv , N= header \"\"")]
    [InlineData("copy t to stdout (header off, encoding 'UTF8')", "Text \\t N=\\N -")]
    [InlineData("copy t to stdout (format binary)", "Binary \\t N=\\N -")]
    [InlineData("copy binary t to stdout", "Binary \\t N=\\N -")]
    [InlineData("copy (select 1) to stdout with csv", "Csv , N= - \"\"")]
    public void BothWaysToWriteOptionsAreRead(string text, string expected) => Assert.Equal(expected, Describe(Read(text)));

    [Theory]
    [InlineData("copy t to stdout (encoding 'latin1')")]
    [InlineData("copy t to stdout (format csv, encoding 'sjis')")]
    [InlineData("copy t to stdout (format 'CSV')")]
    [InlineData("copy t to stdout (format 'json')")]
    [InlineData("copy t to stdout (format csv, format binary)")]
    [InlineData("copy t to stdout (format csv, header match)")]
    [InlineData("copy t to stdout (format csv, header 2)")]
    [InlineData("copy t to stdout (header 'yes')")]
    [InlineData("copy t to stdout (delimiter 'xy')")]
    [InlineData("copy t to stdout (delimiter 'é')")]
    [InlineData("copy t to stdout (delimiter 'n')")]
    [InlineData("copy t to stdout (delimiter '\\')")]
    [InlineData("copy t to stdout (delimiter E'\\n')")]
    [InlineData("copy t to stdout (delimiter 'N')")]
    [InlineData("copy t to stdout (null 'a\\')")]
    [InlineData("copy t to stdout (null E'a\\nb')")]
    [InlineData("copy t to stdout (format csv, quote ',')")]
    [InlineData("copy t to stdout (format csv, null '\"')")]
    [InlineData("copy t to stdout (format csv, quote E'\\n')")]
    [InlineData("copy t to stdout (freeze)")]
    [InlineData("copy t to stdout (force_null (a))")]
    [InlineData("copy t to stdout (something 'new')")]
    public void Threat31_WhatIsNotUnderstoodIsUnreadable(string text) => Assert.NotNull(Read(text).Unreadable);

    [Fact]
    public void RelationAndColumnsAreNamed()
    {
        var named = Read("copy s.t (a, \"B\") to stdout");
        var whole = Read("copy t to stdout");

        Assert.Equal(("s", "t", "a B"), (named.Relation!.Schema, named.Relation.Name, string.Join(' ', named.Columns)));
        Assert.Equal(("t", true), (whole.Relation!.Name, whole.Columns.IsEmpty));
        Assert.Null(Read("copy (select 1) to stdout").Relation);
    }

    [Theory]
    [InlineData("copy t from stdin")]
    [InlineData("copy t to '/tmp/x'")]
    [InlineData("copy t to program 'cat'")]
    [InlineData("select 1")]
    public void OnlyACopyToTheClientHasThem(string text) => Assert.Null(Assert.Single(sql.Read(text).Statements).Copy);

    private static string Describe(CopyOptions options)
    {
        Assert.Null(options.Unreadable);
        var delimiter = options.Delimiter == '\t' ? "\\t" : ((char)options.Delimiter).ToString();
        var text = $"{options.Format} {delimiter} N={Encoding.UTF8.GetString([.. options.Null])} {(options.HasHeader ? "header" : "-")}";
        return options.Format != CopyFormat.Csv ? text : $"{text} {(char)options.Quote}{(char)options.Escape}{(options.ForcesQuotes ? " forced" : "")}";
    }
}
