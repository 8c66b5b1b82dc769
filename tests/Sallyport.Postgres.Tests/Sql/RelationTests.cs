namespace Sallyport.Postgres.Tests.Sql;

/// <summary>Every relation that a statement names, wherever it stands.</summary>
[Collection(SqlReaderCollection.Name)]
public sealed class RelationTests(SqlReaderFixture sql)
{
    [Theory]
    [InlineData("with x as (select * from a) select (select max(b) from s.c) from x, d where exists (table e)", "a s.c d e")]
    [InlineData("prepare p as select * from t", "")]
    [InlineData("explain select * from t join u on true", "t u")]
    [InlineData("insert into t select * from u", "t u")]
    [InlineData("create view v as select * from t", "v t")]
    public void EveryRelationIsNamed(string text, string relations) =>
        Assert.Equal(relations, string.Join(' ', sql.Read(text).Statements[0].Relations));
}
