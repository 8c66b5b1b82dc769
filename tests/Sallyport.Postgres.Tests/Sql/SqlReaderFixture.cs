using System.Text;
using Sallyport.Core;
using Sallyport.Postgres.Sql;

namespace Sallyport.Postgres.Tests.Sql;

/// <summary>One reader for all tests of a collection, and facts as one line of text.</summary>
public sealed class SqlReaderFixture : IDisposable
{
    /// <summary>Where the compiled grammar stays between runs.</summary>
    public static string CacheFolder { get; } = Path.Combine(AppContext.BaseDirectory, "grammar");

    public SqlReader Reader { get; } = SqlReader.Create(new SqlReaderOptions { CacheFolder = CacheFolder });

    /// <summary>Reads, and checks at each statement of every test that a policy may name the verbs (threat 95).</summary>
    public SqlFacts Read(string sql)
    {
        var facts = Reader.Read(Encoding.UTF8.GetBytes(sql));
        Assert.All(facts.Effects, static e => Assert.True(SqlVerbs.All.Contains(e.Verb), $"{e.Verb} is said but not listed"));
        return facts;
    }

    public void Dispose() => Reader.Dispose();

    /// <summary><c>write update t(a) no-where; read select s.u</c></summary>
    public static string Describe(Facts facts) => string.Join("; ", facts.Effects.Select(Describe));

    private static string Describe(Effect effect)
    {
        var line = new StringBuilder($"{effect.Kind.ToString().ToLowerInvariant()} {effect.Verb}");
        foreach (var item in effect.Objects)
        {
            line.Append(' ').Append(item.Type == ObjectType.Relation ? "" : item.Type.ToString().ToLowerInvariant() + ":").Append(item);
            if (item.Columns.Length > 0)
                line.Append('(').AppendJoin(',', item.Columns).Append(')');
        }
        if (effect.Where != WhereClause.NotApplicable)
            line.Append(effect.Where == WhereClause.Missing ? " no-where" : " where");
        return line.ToString();
    }
}

[CollectionDefinition(Name)]
public sealed class SqlReaderCollection : ICollectionFixture<SqlReaderFixture>
{
    public const string Name = "sql reader";
}
