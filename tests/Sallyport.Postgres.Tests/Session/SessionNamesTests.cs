using System.Text;
using Sallyport.Core;
using Sallyport.Postgres.Session;
using Sallyport.Postgres.Tests.Sql;

namespace Sallyport.Postgres.Tests.Session;

/// <summary>When a session must be asked anew what its names mean (threat 28).</summary>
[Collection(SqlReaderCollection.Name)]
public sealed class SessionNamesTests
{
    private static readonly Catalogue.Catalogue Shop = new([], [], [], [], null) { SchemaDigest = 1 };

    private readonly SqlReaderFixture _sql;
    private readonly SessionNames _names = new();

    public SessionNamesTests(SqlReaderFixture sql)
    {
        _sql = sql;
        Answer(isBetween: true);
    }

    private void Follow(string text, bool changesCatalogue = false) => _names.Follow(_sql.Read(text), isOpaque: false, changesCatalogue);

    private void Answer(bool isBetween, params string[] schemas)
    {
        var reading = new NamesReading(hasOwnSync: true);
        foreach (var (index, schema) in schemas.DefaultIfEmpty("public").Index())
            Assert.True(reading.TryAdd(Row("p", $"{index}", schema, "")));
        reading.Complete();
        _names.BeginReading();
        _names.Take(reading, Shop, isBetween);
    }

    private static byte[] Row(params string[] values) =>
        [0, 5, .. values.Append("").SelectMany(static v => (byte[])[0, 0, 0, (byte)v.Length, .. Encoding.UTF8.GetBytes(v)])];

    [Fact]
    public void BeforeItWasAskedNothingIsKnown()
    {
        Assert.False(new SessionNames().AreFresh(Shop));
        Assert.Same(Shop.Anywhere, new SessionNames().In(Shop));
        Assert.True(_names.AreFresh(Shop));
    }

    [Theory]
    [InlineData("select * from t")]
    [InlineData("begin")]
    [InlineData("begin; insert into t values (1); commit")]
    [InlineData("rollback")]
    [InlineData("savepoint s; rollback to s")]
    [InlineData("set work_mem = '4MB'")]
    [InlineData("truncate t")]
    public void WhatMovesNothingAsksNothing(string text)
    {
        var epoch = _names.Epoch;
        Follow(text);
        _names.EndImplicit();

        Assert.True(_names.AreFresh(Shop));
        Assert.Equal(epoch, _names.Epoch);
    }

    [Theory]
    [InlineData("set search_path = x")]
    [InlineData("set role x")]
    [InlineData("create temp table t (a int)")]
    [InlineData("discard all")]
    [InlineData("select my_function()")]
    [InlineData("begin; set local search_path = x; commit")]
    public void Threat28_WhatMovesNamesIsFollowedByAQuestion(string text)
    {
        var epoch = _names.Epoch;
        Follow(text);

        Assert.False(_names.AreFresh(Shop));
        Assert.Same(Shop.Anywhere, _names.In(Shop));
        Assert.NotEqual(epoch, _names.Epoch);
    }

    [Theory]
    [InlineData("commit")]
    [InlineData("rollback")]
    [InlineData("rollback to s")]
    public void Threat28_TheEndOfATransactionInWhichNamesMovedMovesThem(string end)
    {
        Follow("set local search_path = x");
        Answer(isBetween: false, "x");
        Follow("select * from t");
        Assert.True(_names.AreFresh(Shop));
        Follow(end);
        Assert.False(_names.AreFresh(Shop));
    }

    [Fact]
    public void Threat28_ASyncMovesNamesBackThatMovedInItsPipeline()
    {
        Follow("set search_path = x");
        Answer(isBetween: false, "x");
        _names.EndImplicit();
        Assert.False(_names.AreFresh(Shop));
        Answer(isBetween: true, "x");
        _names.EndImplicit();
        Assert.True(_names.AreFresh(Shop));
    }

    [Fact]
    public void Threat28_ChangesUnderWayLeaveNamesOpenUntilTheTransactionIsOver()
    {
        Follow("drop table payroll", changesCatalogue: true);
        Answer(isBetween: false);
        var during = _names.In(Shop);
        Follow("commit");
        Answer(isBetween: true);

        Assert.NotSame(during, _names.In(Shop));
    }

    [Fact]
    public void Threat35_OtherSchemasOrAReportOfTheServerAreAsGoodAsAMove()
    {
        Assert.False(_names.AreFresh(new([], [], [], [], null) { SchemaDigest = 2 }));
        _names.PathReported();
        Assert.False(_names.AreFresh(Shop));
        var epoch = _names.Epoch;
        Answer(isBetween: true, "elsewhere");
        Assert.NotEqual(epoch, _names.Epoch);
    }

    [Theory]
    [InlineData("set search_path = x", false)]
    [InlineData("begin; set local search_path = x; commit", false)]
    [InlineData("select * from t", false)]
    [InlineData("create temp table t (a int)", true)]
    [InlineData("select my_function()", true)]
    [InlineData("do 'begin end'", true)]
    [InlineData("begin; select 1 as a into temp t", true)]
    public void Threat28_ASessionThatMadeNothingHasNoRelationsOfItsOwn(string text, bool mayHaveOwn)
    {
        Follow(text);
        Assert.Equal(mayHaveOwn, _names.MayHaveOwn);
        Answer(isBetween: true);
        Assert.False(_names.MayHaveOwn);
    }

    [Theory]
    [InlineData("select * from t", true)]
    [InlineData("select * from pg_temp.t", true)]
    [InlineData("select * from pg_temp_3.t", true)]
    [InlineData("prepare p as select * from t", true)]
    [InlineData("select f()", true)]
    [InlineData("select * from public.t where a = pg_catalog.upper('x')", false)]
    [InlineData("begin", false)]
    public void Threat28_WhatOnlyTheSessionKnowsIsOpen(string text, bool isOpen) => Assert.Equal(isOpen, _sql.Read(text).HasOpenNames);

    [Theory]
    [InlineData("set search_path = x; select * from t", true)]
    [InlineData("commit; select * from t", true)]
    [InlineData("select * from t; set search_path = x", false)]
    [InlineData("begin; select * from t; commit", false)]
    [InlineData("set search_path = x; select * from public.t", false)]
    public void Threat28_NamesBehindAMoveCannotBeKnown(string text, bool isInside) => Assert.Equal(isInside, _sql.Read(text).MovesNamesInside);

    [Fact]
    public void AnAnswerThatSaysTheSameChangesNothing()
    {
        var scope = _names.In(Shop);
        _names.PathReported();
        var epoch = _names.Epoch;
        Answer(isBetween: true);

        Assert.Same(scope, _names.In(Shop));
        Assert.Equal(epoch, _names.Epoch);
    }

    [Theory]
    [InlineData("p", "one", "public")]
    [InlineData("r", "1", "t")]
    [InlineData(null, "", "")]
    public void AnAnswerThatCannotBeReadLeavesNamesOpen(string? kind, string first, string second)
    {
        var reading = new NamesReading(hasOwnSync: true);
        if (kind is not null)
        {
            reading.TryAdd(Row("s", "", "pg_temp_1", ""));
            reading.TryAdd(Row(kind, first, second, "long"));
            reading.Complete();
        }
        _names.Take(reading, Shop, isBetween: true);

        Assert.Same(Shop.Anywhere, _names.In(Shop));
        Assert.True(_names.AreFresh(Shop));
    }
}
