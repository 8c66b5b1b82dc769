using Sallyport.Core;
using Sallyport.Postgres.Session;
using Sallyport.Postgres.Sql;
using Sallyport.Postgres.Tests.Sql;
using SqlNames = Sallyport.Postgres.Session.SqlNames;

namespace Sallyport.Postgres.Tests.Session;

/// <summary>What EXECUTE and FETCH will run counts as if it stood there (threat 18).</summary>
[Collection(SqlReaderCollection.Name)]
public sealed class SqlNamesTests
{
    private readonly SqlReaderFixture _sql;
    private readonly Mailbox<string?> _deallocated = new();
    private readonly SessionNames _meanings = new();
    private readonly SqlNames _names;

    public SqlNamesTests(SqlReaderFixture sql)
    {
        _sql = sql;
        _names = new SqlNames(_deallocated, _meanings);
    }

    [Theory]
    [InlineData("execute p")]
    [InlineData("execute p(1)")]
    [InlineData("select 1; execute p")]
    [InlineData("explain analyze execute p")]
    [InlineData("create table n as execute p")]
    [InlineData("explain analyze create table n as execute p")]
    public void Threat18_ExecuteAtAnyDepthRunsWhatAnEarlierStringPrepared(string text)
    {
        Follow("prepare p as delete from t");

        Assert.True(SqlNames.RunsByName(_sql.Read(text)));
        Assert.Contains("delete t", Run(text), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("prepare p as delete from t; execute p")]
    [InlineData("prepare p as delete from t; explain analyze execute p")]
    [InlineData("prepare \"cursor c\" as delete from t; declare c cursor for select 1; execute \"cursor c\"")]
    public void Threat18_ExecuteRunsWhatTheSameStringPrepared(string text) =>
        Assert.Contains("delete t", Run(text), StringComparison.Ordinal);

    [Fact]
    public void Threat18_ANamePreparedTwiceStandsForBoth()
    {
        Follow("prepare p as delete from t");
        Follow("prepare p as insert into u values (1)");

        Assert.Equal("delete t insert u", Run("execute p"));
        Assert.Equal("update v delete t insert u", Run("prepare p as update v set a = 1; execute p"));
    }

    [Theory]
    [InlineData("p")]
    [InlineData(null)]
    public void Threat18_ADeallocatedNameIsUnknownAndSoOpaque(string? gone)
    {
        Follow("prepare p as delete from t");
        _deallocated.Post(gone);

        Assert.True(Effective("execute p").IsOpaque);
        Assert.True(Effective("explain analyze execute p").IsOpaque);
        Assert.Null(_names.FindPrepared("p"));
    }

    [Fact]
    public void Threat18_ANameThatOnlyTheProtocolKnowsIsRunToo()
    {
        var parsed = _sql.Read("drop table t");

        var effective = _names.Effective(_sql.Read("create table n as execute p"), Parsed, out _);

        Assert.Contains(effective.Effects, static e => e.Kind == EffectKind.Drop);

        SqlFacts? Parsed(string name, bool isCursor, out bool isResolved)
        {
            isResolved = true;
            return name == "p" && !isCursor ? parsed : null;
        }
    }

    [Fact]
    public void Threat18_APlainExplainRunsNothingButKeepsWhatCannotBeRead()
    {
        Follow("prepare p as delete from t; prepare q as select my_function()");

        Assert.Equal("", Run("explain execute p"));
        Assert.False(Effective("explain execute p").IsOpaque);
        Assert.True(Effective("explain execute q").IsOpaque);
    }

    [Fact]
    public void Threat18_FetchReadsWhatTheCursorWasDeclaredFor()
    {
        Follow("declare c cursor for select * from secrets");

        Assert.Contains(Effective("fetch c").Statements, static s => s.Relations.Any(static r => r.Name == "secrets"));
        Assert.True(Effective("fetch d").IsOpaque);
    }

    private void Follow(string text) => _names.Follow(_sql.Read(text));

    [Fact]
    public void Threat28_ACursorMeansWhatItMeantWhenItWasDeclared()
    {
        Follow("declare c cursor for select * from payroll");
        _names.Effective(_sql.Read("fetch c"), Nothing, out var then);
        _meanings.Follow(_sql.Read("set search_path = other"), isOpaque: false, changesCatalogue: false);
        _names.Effective(_sql.Read("fetch c"), Nothing, out var now);

        Assert.Equal((true, false), (then, now));
    }

    private static SqlFacts? Nothing(string name, bool isCursor, out bool isResolved)
    {
        isResolved = true;
        return null;
    }

    private SqlFacts Effective(string text) => _names.Effective(_sql.Read(text), Nothing, out _);

    /// <summary>The writes: <c>delete t insert u</c>.</summary>
    private string Run(string text) =>
        string.Join(' ', Effective(text).Effects.Where(static e => e.Kind == EffectKind.Write).Select(static e => $"{e.Verb} {e.Objects[0]}"));
}
