using System.Reflection;
using System.Text;
using Npgsql;
using Sallyport.Postgres.Sql.Lineage;
using Sallyport.Postgres.Tests.Masking;

namespace Sallyport.Postgres.Tests.Sql.Lineage;

/// <summary>
/// The server's own list of the columns that a statement names (pg_depend of a function with that body) against ours, over all
/// statements of the lineage tests that the server takes.
/// </summary>
[Collection(SqlReaderCollection.Name)]
public sealed class DependencyOracleTests(SqlReaderFixture sql, MaskingServer server) : IClassFixture<MaskingServer>
{
    private const string Schema = """
        create table customers (id int primary key, name text, email text, ssn text, score bigint, city text);
        create table orders (id int, customer_id int, item text, amount numeric);
        create table employees (id int, name text, ssn text);
        create table b (x text, ssn text);
        create view contacts as select id, name, ssn as code from customers;
        create view again as select code as tag, id from contacts;
        create view cities as select city, count(*) as n from customers where ssn like '9%' group by city;
        create materialized view kept as select id, lower(email) as low from customers;
        """;

    // What a view shows of a masked column, by the server's name for it.
    private static readonly Dictionary<string, string> Shown = new()
    {
        ["customers.email"] = "email",
        ["customers.ssn"] = "ssn",
        ["customers.score"] = "score",
        ["contacts.code"] = "ssn",
        ["again.tag"] = "ssn",
        ["kept.low"] = "email",
    };

    private static IEnumerable<string> Statements =>
        new[] { typeof(LineageTests), typeof(PredicateTests) }.SelectMany(static t => t.GetMethods())
            .SelectMany(static m => m.GetCustomAttributes<InlineDataAttribute>().Select(d => (string)d.GetData(m).Single()[0])).Distinct();

    [Fact]
    public async Task Threat33_TheServerNamesNoColumnThatIsMissed()
    {
        await using var connection = await server.Source.OpenConnectionAsync();
        await RunAsync(connection, Schema);
        var compared = 0;
        foreach (var text in Statements)
        {
            // Only how many there are is asked of what count is given; and among the columns of a change are those it writes.
            if (text.Contains("count(", StringComparison.Ordinal) || text[0] is 'i' or 'u' or 'm' || await NamedAsync(connection, text) is not { } theirs)
                continue;
            var resolver = new LineageResolver(LineageRig.Guard(sql.Reader).Relations);
            resolver.Resolve(sql.Reader.Read(Encoding.UTF8.GetBytes(text)).Statements[0].Query!);
            var ours = resolver.Reads.Select(static n => n.Name.Split('.')[^1]).ToHashSet();
            var both = $"{text}: the server says {string.Join(' ', theirs)}, the grammar {string.Join(' ', ours)}";
            // The server may take a row apart; for the grammar it is the first of its masked columns.
            if (ours.Remove("email"))
                theirs.IntersectWith(ours);
            Assert.True(theirs.IsSubsetOf(ours), both);
            Assert.True(ours.IsSubsetOf(theirs), both);
            compared++;
        }
        Assert.True(compared > 100, $"only {compared} statements could be compared");
    }

    /// <summary>The masked columns by the server's word; null when it takes no such function.</summary>
    private static async Task<HashSet<string>?> NamedAsync(NpgsqlConnection connection, string text)
    {
        await RunAsync(connection, "begin");
        try
        {
            // A batch is not taken apart at semicolons.
            await using var batch = new NpgsqlBatch(connection) { BatchCommands = { new NpgsqlBatchCommand($"create function pg_temp.body(text) returns void begin atomic {text}; end") } };
            await batch.ExecuteNonQueryAsync();
            await using var command = new NpgsqlCommand("""
                select c.relname || '.' || a.attname from pg_depend d join pg_class c on c.oid = d.refobjid
                join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
                where d.classid = 'pg_proc'::regclass and d.refclassid = 'pg_class'::regclass and d.objid = 'pg_temp.body'::regproc
                """, connection);
            await using var reader = await command.ExecuteReaderAsync();
            var named = new HashSet<string>();
            while (await reader.ReadAsync())
            {
                if (Shown.TryGetValue(reader.GetString(0), out var column))
                    named.Add(column);
            }
            return named;
        }
        catch (PostgresException)
        {
            return null;
        }
        finally
        {
            await RunAsync(connection, "rollback");
        }
    }

    private static async Task RunAsync(NpgsqlConnection connection, string text)
    {
        await using var command = new NpgsqlCommand(text, connection);
        await command.ExecuteNonQueryAsync();
    }
}
