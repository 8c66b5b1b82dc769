using Sallyport.Postgres.Sql;

namespace Sallyport.Postgres.Tests.Sql;

/// <summary>A masking layer that believes the outputs alone, with ssn masked, never shows ssn (threats 30, 33).</summary>
[Collection(SqlReaderCollection.Name)]
public sealed class OutputMaskingTests(SqlReaderFixture sql)
{
    [Theory]
    [InlineData("select c from customers c")]
    [InlineData("select c::text from customers c")]
    [InlineData("select customers from customers")]
    [InlineData("select (c).ssn from customers c")]
    [InlineData("select c.* from customers c")]
    [InlineData("select row(c.*) from customers c")]
    [InlineData("select to_jsonb(c) from customers c")]
    [InlineData("select max(c) from customers c")]
    [InlineData("select c.peek from customers c")]
    [InlineData("select upper(c.peek) from customers c")]
    [InlineData("select max(ssn) from customers")]
    [InlineData("select array_agg(ssn) from customers")]
    [InlineData("select name || ssn from customers")]
    [InlineData("select x.a from (select ssn a from customers) x")]
    [InlineData("select a from (select ssn a from customers) x")]
    [InlineData("select (select ssn from customers limit 1)")]
    [InlineData("select name from customers union select ssn from customers")]
    [InlineData("with x as (select ssn a from customers) select a from x")]
    [InlineData("select a from customers c(a)")]
    [InlineData("update customers set name = 'x' returning ssn || 'x'")]
    public void Threat33_WhatMayShowSsnIsNotKept(string text) => Assert.False(IsKept(sql.Read(text).Statements[0]));

    [Theory]
    [InlineData("select count(*) from customers c")]
    [InlineData("select count(ssn) from customers c")]
    [InlineData("select name from customers where ssn like '4%'")]
    [InlineData("select upper(name) from customers c")]
    [InlineData("select max(name) from customers c")]
    public void WhatCannotShowSsnIsKept(string text) => Assert.True(IsKept(sql.Read(text).Statements[0]));

    [Theory]
    [InlineData("select count(c) from customers c", OutputKind.Unknown)]
    [InlineData("select sum(a) from customers c", OutputKind.Expression)]
    [InlineData("select upper(c.name) from customers c", OutputKind.Notation)]
    public void OnlyCountIsCount(string text, OutputKind kind) => Assert.Equal(kind, sql.Read(text).Statements[0].Outputs[0].Kind);

    private static bool IsKept(SqlStatement statement) =>
        statement is { ReadsRelationsOnly: true, Outputs: [var output] }
        && (output.Kind == OutputKind.Count || (output.Kind is OutputKind.Column or OutputKind.Expression && !output.Columns.Contains("ssn")));
}
