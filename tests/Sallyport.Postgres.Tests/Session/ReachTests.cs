using Sallyport.Core;
using Sallyport.Postgres.Catalogue;
using Sallyport.Postgres.Session;
using Sallyport.Postgres.Sql;
using Sallyport.Postgres.Tests.Sql;

namespace Sallyport.Postgres.Tests.Session;

/// <summary>What a text does not show and the catalogue does.</summary>
[Collection(SqlReaderCollection.Name)]
public sealed class ReachTests
{
    private static readonly Catalogue.Catalogue Shop = new(
        [
            new CatalogueRelation(1, "public", "payroll", 'r'), new CatalogueRelation(2, "public", "names", 'v'), new CatalogueRelation(3, "public", "again", 'v'),
            new CatalogueRelation(4, "public", "parent", 'r'), new CatalogueRelation(5, "other", "names", 'r'),
        ],
        [("public", "upper")],
        [new CatalogueColumn(1, 1, "who"), new CatalogueColumn(5, 1, "wipe")],
        [new CatalogueDependency(2, 1, false), new CatalogueDependency(3, 2, false), new CatalogueDependency(1, 4, true)],
        null)
    {
        OwnCode = new OwnCode
        {
            Functions = [Plpgsql(10, "upper", 1), Plpgsql(11, "wipe", 1), Plpgsql(12, "who", 2)],
            Uses = [new CodeUse(CodeUser.Operator, "+", false, Wipe), new CodeUse(CodeUser.Operator, "=", false, Wipe), new CodeUse(CodeUser.Cast, "boxed", false, Wipe)],
        },
    };

    private static FunctionReference Wipe => new(11, "public", "wipe", 1);

    private readonly SqlReaderFixture _sql;

    public ReachTests(SqlReaderFixture sql) => _sql = sql;

    private Reach Of(string text, Catalogue.Catalogue catalogue) => Of(_sql.Read(text), catalogue);

    private Reach Of(SqlFacts facts, Catalogue.Catalogue catalogue) => Reach.Of(facts, catalogue.Anywhere, _sql.Reader);

    private static CatalogueFunction Plpgsql(uint oid, string name, int arguments) =>
        new(oid, "public", name) { Language = "plpgsql", TakesArguments = true, MinArguments = arguments, MaxArguments = arguments };

    [Theory]
    [InlineData("select upper(1)")]
    [InlineData("select * from public.upper(1)")]
    [InlineData("select 1 + 1")]
    [InlineData("select 1::boxed")]
    [InlineData("select (1).wipe")]
    [InlineData("select p.wipe from payroll p")]
    [InlineData("explain select upper(1)")]
    [InlineData("declare c cursor for select upper(1)")]
    [InlineData("select boxed(1)")]
    [InlineData("select who in (select 1) from payroll")]
    [InlineData("select case who when 1 then 2 end from payroll")]
    [InlineData("select 1 from payroll join parent using (who)")]
    [InlineData("select 1 from payroll natural join parent")]
    [InlineData("select nullif(1, 2)")]
    public void Threat17_ANameThatTheDatabaseHasOfItsOwnIsOpaque(string text)
    {
        Assert.True(Of(text, Shop).Facts.IsOpaque);
        Assert.True(Of(text, Shop).Masked.IsOpaque);
    }

    [Theory]
    [InlineData("select pg_catalog.upper('x'), lower('x')")]
    [InlineData("select 1 operator(pg_catalog.+) 1, 1 - 1")]
    [InlineData("select '(1)'::boxed, 1::text")]
    [InlineData("select p.who from payroll p")]
    [InlineData("select upper('x', 'y')")]
    public void WhatCanOnlyBeABuiltInIsNot(string text) => Assert.False(Of(text, Shop).Facts.IsOpaque);

    [Theory]
    [InlineData("select * from public.names", "read select public.payroll")]
    [InlineData("select * from again", "read select public.names; read select public.payroll")]
    [InlineData("update parent set a = 1 where b < 2", "write update public.payroll where")]
    [InlineData("truncate parent", "drop truncate public.payroll")]
    [InlineData("drop view again", "")]
    [InlineData("select * from other.names", "")]
    [InlineData("alter schema other rename to x", "alter alter_schema_rename other.names")]
    [InlineData("drop schema other", "drop drop_schema other.names")]
    public void Threat28_WhatIsBehindAViewAParentOrASchemaIsReached(string text, string behind) =>
        Assert.Equal(behind, string.Join("; ", Of(text, Shop).Behind.Select(SqlReaderFixture.Describe)));

    [Fact]
    public void AnotherReadingOfTheCatalogueIsLookedAtAnew()
    {
        var facts = _sql.Read("select upper(2)");
        var bare = new Catalogue.Catalogue([], [], [], [], null);

        Assert.Same(Of(facts, Shop), Of(facts, Shop));
        Assert.Same(facts, Of(facts, bare).Facts);
        Assert.True(Of(facts, Shop).Facts.IsOpaque);
    }
}
