using Sallyport.Core;
using Sallyport.Postgres.Catalogue;
using Sallyport.Postgres.Session;
using Sallyport.Postgres.Tests.Sql;

namespace Sallyport.Postgres.Tests.Session;

/// <summary>Where the server looks for a name (threat 28).</summary>
[Collection(SqlReaderCollection.Name)]
public sealed class RelationScopeTests
{
    private static readonly Catalogue.Catalogue Shop = new(
        [
            new CatalogueRelation(1, "public", "payroll", 'r'), new CatalogueRelation(2, "other", "payroll", 'r'), new CatalogueRelation(3, "hr", "payroll", 'r'),
            new CatalogueRelation(4, "hr", "salaries", 'r'), new CatalogueRelation(5, "pg_catalog", "pg_class", 'r'), new CatalogueRelation(6, "public", "pg_class", 'r'),
            new CatalogueRelation(7, "public", "customers", 'r'),
        ],
        [("public", "f"), ("hr", "f"), ("hr", "g"), ("other", "upper")],
        [new CatalogueColumn(7, 1, "ssn")],
        [],
        null)
    {
        OwnCode = new OwnCode { Functions = [new CatalogueFunction(50, "other", "upper") { IsExtension = true, MinArguments = 1, MaxArguments = 1 }] },
    };

    private static readonly TemporaryRelations Own = new(
        "pg_temp_7",
        [
            new CatalogueRelation(91, "pg_temp", "payroll", 'r'), new CatalogueRelation(92, "pg_temp", "pg_class", 'r'), new CatalogueRelation(93, "pg_temp", "v", 'v'),
            new CatalogueRelation(94, "pg_temp", "w", 'v'), new CatalogueRelation(95, "pg_temp", "child", 'r'),
        ],
        [new CatalogueColumn(93, 1, "x"), new CatalogueColumn(94, 1, "x")],
        [new CatalogueDependency(93, 7, false), new CatalogueDependency(94, 93, false), new CatalogueDependency(95, 7, true)]);

    private readonly SqlReaderFixture _sql;

    public RelationScopeTests(SqlReaderFixture sql) => _sql = sql;

    private static RelationScope In(string path, TemporaryRelations? own = null, bool isSettled = true) =>
        new(Shop, new SearchPath(path.Split(' ')), isSettled, own ?? TemporaryRelations.None);

    private static string Of(RelationScope scope, string name, ObjectType type = ObjectType.Relation) => string.Join(' ', scope.SchemasOf(type, name).ToArray());

    [Theory]
    [InlineData("pg_catalog public", "payroll", "public")]
    [InlineData("pg_catalog other public", "payroll", "other")]
    [InlineData("pg_catalog public other", "payroll", "public")]
    [InlineData("pg_catalog hr", "payroll", "hr")]
    [InlineData("pg_catalog public", "pg_class", "pg_catalog")]
    [InlineData("public pg_catalog", "pg_class", "public")]
    [InlineData("pg_catalog public", "salaries", "hr")]
    [InlineData("pg_catalog", "payroll", "public other hr")]
    [InlineData("pg_catalog public", "nothing", "")]
    public void Threat28_TheFirstSchemaThatHasItIsMeantAndAnyWhereNoneHas(string path, string name, string meant) => Assert.Equal(meant, Of(In(path), name));

    [Theory]
    [InlineData("pg_temp_7 pg_catalog public", "payroll", "pg_temp")]
    [InlineData("pg_temp_7 pg_catalog public", "pg_class", "pg_temp")]
    [InlineData("pg_catalog public pg_temp_7", "payroll", "public")]
    [InlineData("pg_catalog pg_temp_7 public", "pg_class", "pg_catalog")]
    [InlineData("pg_catalog public", "v", "pg_temp")]
    public void Threat28_TemporaryRelationsComeWhereTheServerLooksForThem(string path, string name, string meant) => Assert.Equal(meant, Of(In(path, Own), name));

    [Theory]
    [InlineData("pg_temp_7 pg_catalog public", "payroll", "pg_temp")]
    [InlineData("pg_catalog other public pg_temp_7", "payroll", "pg_temp public other hr")]
    [InlineData("pg_catalog other public", "salaries", "hr")]
    [InlineData("pg_catalog public", "pg_class", "pg_catalog")]
    public void Threat28_WhatTheSessionIsChangingMayMeanAnythingButItsOwn(string path, string name, string meant) =>
        Assert.Equal(meant, Of(In(path, name == "payroll" ? Own : null, isSettled: false), name));

    [Theory]
    [InlineData("pg_catalog hr public", "f", "public hr")]
    [InlineData("pg_catalog public", "f", "public")]
    [InlineData("pg_catalog hr", "f", "hr")]
    [InlineData("pg_catalog public", "g", "hr")]
    public void Threat28_AFunctionMeansAllOfItsNameWhereTheSessionLooks(string path, string name, string meant) =>
        Assert.Equal(meant, Of(In(path), name, ObjectType.Function));

    [Theory]
    [InlineData("other pg_catalog", true)]
    [InlineData("pg_temp_7 pg_catalog other", false)]
    [InlineData("public pg_catalog other", false)]
    public void Threat28_AFunctionThatIsFoundBeforeTheBuiltInIsOpaque(string path, bool isOpaque)
    {
        Assert.Equal(isOpaque, Reach.Of(_sql.Read("select upper('x')"), In(path), _sql.Reader).Facts.IsOpaque);
        Assert.False(Reach.Of(_sql.Read("select pg_catalog.upper('x')"), In(path), _sql.Reader).Facts.IsOpaque);
    }

    [Fact]
    public void Threat28_AViewOfTheSessionsOwnIsFollowed()
    {
        var scope = In("pg_temp_7 pg_catalog public", Own);

        Assert.Equal("read select pg_temp.v; read select public.customers; read select pg_temp.child", Behind("select * from w", scope));
        Assert.Equal("read select public.customers; read select pg_temp.child", Behind("select * from pg_temp_7.v", scope));
        Assert.Equal("read select pg_temp.child", Behind("select * from customers", scope));
        Assert.Equal("", Behind("select * from payroll", scope));
    }

    private string Behind(string text, RelationScope scope) =>
        string.Join("; ", Reach.Of(_sql.Read(text), scope, _sql.Reader).Behind.Select(SqlReaderFixture.Describe));

    [Theory]
    [InlineData("select lower(x) from w", "Touches")]
    [InlineData("select lower(x) from pg_temp.v", "Touches")]
    [InlineData("select ssn from child", "Touches")]
    [InlineData("select who from payroll", "Untouched")]
    [InlineData("copy w to stdout", "Refused")]
    public void Threat33_MasksSeeThroughTheSessionsOwnViews(string text, string touch)
    {
        var masks = new MaskSet([new ColumnMask("public", "customers", "ssn", Mask.Redact, "hidden")], Detectors.None, Mask.Redact);
        var guard = new MaskGuard(masks, Shop, _sql.Reader).In(In("pg_temp_7 pg_catalog public", Own));

        Assert.Equal(touch, guard.Inspect(_sql.Read(text), out _).ToString());
    }

    [Fact]
    public void SessionsThatLookInTheSameSchemasShareOneScope()
    {
        var path = new SearchPath(["pg_catalog", "public"]);
        var own = new RelationScope(Shop, new SearchPath(["pg_temp_7", "pg_catalog", "public"]), true, Own);

        Assert.Same(Shop.ScopeOf(path, true), Shop.ScopeOf(new SearchPath(["pg_catalog", "public"]), true));
        Assert.NotSame(Shop.ScopeOf(path, true), Shop.ScopeOf(path, false));
        Assert.Same(own.For(_sql.Read("select * from customers")), own.For(_sql.Read("select * from salaries")));
        Assert.Same(own, own.For(_sql.Read("select * from customers, payroll")));
        Assert.Same(own, own.For(_sql.Read("prepare p as select * from payroll")));
    }
}
