using System.Text;
using Npgsql;
using Sallyport.Testing.Gateway;
using Sallyport.Testing.Processes;
using Sallyport.Testing.Runners;
using Sallyport.Testing.Wire;

namespace Sallyport.EndToEnd.Tests.Gateway;

/// <summary>COPY … TO STDOUT of masked relations, with the clients that live by it.</summary>
public sealed class CopyMaskTests : IClassFixture<MaskingGateway>
{
    private static readonly string[] Secrets =
    [
        "912-45-6781", "934-71-2096", "4539148803436467", "5425233430109903", "71193", "72284", "987-65-4320", "955-12-3456", "966-11-2233",
        "977-88-9900", "2001-02-03",
    ];

    private readonly MaskingGateway _gateway;

    public CopyMaskTests(MaskingGateway gateway) => _gateway = gateway;

    private ConnectionTarget Writer => _gateway.Gateway.Target("writer", ShopGateway.Secret, "shop");

    private static string Data(IEnumerable<PostgresMessage> messages) =>
        string.Concat(messages.Where(static m => m.Type == 'd').Select(static m => Encoding.UTF8.GetString(m.Body)));

    [Theory]
    [InlineData("copy customers to stdout", "1\tZofia Kranz\t[redacted]\t************6467\t0\tprefers post\n2\tTunde Okonkwo\t[redacted]\t************9903\t0\tcall after six\n")]
    [InlineData("copy customers (ssn, name) to stdout (delimiter '[')", "\\[redacted][Zofia Kranz\n\\[redacted][Tunde Okonkwo\n")]
    [InlineData("copy customers (id, score, ssn) to stdout csv header", "id,score,ssn\n1,0,[redacted]\n2,0,[redacted]\n")]
    [InlineData("copy customers (id, ssn) to stdout (format csv, force_quote (ssn))", "1,\"[redacted]\"\n2,\"[redacted]\"\n")]
    [InlineData("copy taxed to stdout", "1\t***-**-9900\ttwo\\nlines, \"quoted\"\t2000-01-01\n2\t\\N\t\\N\t\\N\n3\t\t\t\\N\n")]
    [InlineData("copy taxed to stdout csv header", "id,number,\"Note \"\"s\",at\n1,***-**-9900,\"two\nlines, \"\"quoted\"\"\",2000-01-01\n2,,,\n3,\"\",\"\",\n")]
    [InlineData("copy (select at, number, id from taxed order by id limit 1) to stdout", "2000-01-01\t***-**-9900\t1\n")]
    [InlineData("copy (select number || '', reverse(number), id from taxed order by id limit 1) to stdout", "\\N\t\\N\t1\n")]
    [InlineData("copy held to stdout", "1\tx\t[redacted]\n")]
    [InlineData("copy base to stdout", "")]
    [InlineData("copy people_low to stdout", "1\tInes Moreau\t[redacted]\n")]
    [InlineData("copy (select * from people) to stdout", "1\tInes Moreau\t[redacted]\n")]
    public async Task Threat31_TheDataIsMaskedAsRowsAre(string sql, string expected)
    {
        await using var client = await _gateway.LoginAsync("writer");

        Assert.Equal(expected, Data(await client.QueryAsync(sql)));

        var bind = Messages.Message('B', [0, 0], Messages.Int16(0), Messages.Int16(0), Messages.Int16(0));
        await client.SendAsync(Messages.Parse("", sql), bind, Messages.Execute(""), Messages.Sync());
        Assert.Equal(expected, Data(await client.ReadThroughAsync('Z')));
    }

    [Fact]
    public async Task NpgsqlReadsMaskedBinaryCopiesByTheirTypes()
    {
        await using var connection = new NpgsqlConnection(Writer.ToNpgsql());
        await connection.OpenAsync();
        const string columns = "id, name, ssn, card_number, score";
        foreach (var what in (string[])[$"customers ({columns})", $"(select {columns} from customers order by id)"])
        {
            await using var reader = await connection.BeginBinaryExportAsync($"copy {what} to stdout (format binary)");
            var names = new List<string>();
            while (await reader.StartRowAsync() == 5)
            {
                Assert.Equal(names.Count + 1, await reader.ReadAsync<int>());
                names.Add(await reader.ReadAsync<string>());
                Assert.Equal("[redacted]", await reader.ReadAsync<string>());
                Assert.StartsWith("************", await reader.ReadAsync<string>(), StringComparison.Ordinal);
                Assert.Equal(0L, await reader.ReadAsync<long>());
            }
            Assert.Equal(["Zofia Kranz", "Tunde Okonkwo"], names);
        }
    }

    [Fact]
    public async Task PsycopgReadsMaskedRowsInTextAndBinary()
    {
        const string program = """
            import psycopg
            with psycopg.connect("") as connection, connection.cursor() as cursor:
                for options in ("", " (format binary)"):
                    with cursor.copy("copy customers (id, name, ssn, score) to stdout" + options) as copy:
                        copy.set_types(["int4", "text", "text", "int8"])
                        for row in copy.rows():
                            print(row)
            """;

        var result = (await Command.RunAsync("/usr/bin/python3", ["-c", program], Writer.ToEnvironment())).OrThrow("psycopg");

        var rows = "(1, 'Zofia Kranz', '[redacted]', 0)\n(2, 'Tunde Okonkwo', '[redacted]', 0)\n";
        Assert.Equal(rows + rows, result.Output);
    }

    [Fact]
    public async Task PsqlCopiesMaskedDataIntoAFile()
    {
        var file = Path.Combine(_gateway.Gateway.Folder, "copied");

        var result = await ClientRunner.PsqlAsync($"\\copy taxed to '{file}' csv\n\\copy (select name, ssn from customers order by id) to stdout\n", Writer);

        Assert.Equal("1,***-**-9900,\"two\nlines, \"\"quoted\"\"\",2000-01-01\n2,,,\n3,\"\",\"\",\n", await File.ReadAllTextAsync(file));
        Assert.Equal("COPY 3\nZofia Kranz\t[redacted]\nTunde Okonkwo\t[redacted]\n", result.Output);
    }

    [Fact]
    public async Task Threat31_ADumpIsMaskedAndRestores()
    {
        string[] tables = ["-t", "customers", "-t", "taxed", "-t", "orders", "-t", "held", "-t", "base", "-t", "people*"];
        // Redacted values cannot be unique, so the constraints are left out.
        var dump = await ClientRunner.PgDumpAsync(Writer, ["--section=pre-data", "--section=data", .. tables]);

        Assert.Equal((0, ""), (dump.ExitCode, dump.Error));
        Assert.All(Secrets, secret => Assert.DoesNotContain(secret, dump.Output, StringComparison.Ordinal));
        await _gateway.Server.ExecuteAsync("create database restored");
        await _gateway.Server.ExecuteAsync("create domain tax as text; create domain own_tax as tax", "restored");
        var script = dump.Output.Replace("\\restrict", "-- ", StringComparison.Ordinal).Replace("\\unrestrict", "-- ", StringComparison.Ordinal);
        await _gateway.Server.ExecuteAsync(script, "restored");
        foreach (var table in (string[])["customers", "taxed", "orders", "people"])
        {
            var sql = $"select * from public.{table} order by id";
            var shown = await ClientRunner.PsqlAsync(sql, Writer);
            Assert.Equal(shown.Output.TrimEnd('\n'), await _gateway.Server.ExecuteAsync(sql, "restored"));
        }
    }

    [Fact]
    public async Task Threat31_ColumnsThatMovedInTheSameTransactionAreNotCopiedByPosition()
    {
        await using var client = await _gateway.LoginAsync("writer");
        await client.QueryAsync("begin");
        Assert.DoesNotContain(await client.QueryAsync("alter table base drop column extra; alter table base add column more text"), static m => m.Type == 'E');

        var named = Data(await client.QueryAsync("copy held (id, ssn) to stdout"));
        await client.SendAsync(Messages.Query("copy held to stdout"));
        var messages = new List<PostgresMessage>();
        do messages.Add(await client.ReadAsync()); while (messages[^1].Type is not ('E' or 'Z'));

        Assert.Equal("1\t[redacted]\n", named);
        Assert.DoesNotContain(messages, static m => m.Type == 'd');
        Assert.Contains("not known which columns", messages[^1].Field('M'), StringComparison.Ordinal);
        Assert.True(await client.IsClosedByServerAsync());
    }

    [Theory]
    [InlineData("moved", true)]
    [InlineData("moved_too", false)]
    public async Task Threat31_ColumnsThatSomebodyElseMovesAreMaskedWhereTheyAreNow(string table, bool whileItWaits)
    {
        await using var client = await _gateway.LoginAsync("writer");
        await using var other = await RawPostgresClient.LoginAsync(_gateway.Server.Target with { Database = "shop" });
        Assert.Equal("1\tx\t[redacted]\t\\N\n", Data(await client.QueryAsync($"copy {table} to stdout")));

        await other.QueryAsync("begin");
        Assert.DoesNotContain(await other.QueryAsync($"alter table {table} drop column plain, add column more text"), static m => m.Type == 'E');
        if (!whileItWaits)
            await other.QueryAsync("commit");
        await client.SendAsync(Messages.Query($"copy {table} to stdout"));
        var waiting = $"select count(*) from pg_locks where not granted and relation = '{table}'::regclass";
        while (whileItWaits && await _gateway.Server.ExecuteAsync(waiting, "shop") == "0")
            await Task.Delay(20);
        if (whileItWaits)
            await other.QueryAsync("commit");

        Assert.Equal("1\t[redacted]\t\\N\t\\N\n", Data(await client.ReadThroughAsync('Z')));
    }

    [Theory]
    [InlineData("copy texts to stdout", "1\tcard **************** and ***********\t{\"k\": \"mail *************\"}\t\\\\x78\n")]
    [InlineData("copy (select body from texts) to stdout csv", "card **************** and ***********\n")]
    public async Task DetectorsLookIntoCopiesToo(string sql, string expected)
    {
        await using var client = await _gateway.LoginAsync("searched");

        Assert.Equal(expected, Data(await client.QueryAsync(sql)));
        var what = sql.Split(" to ")[0];
        Assert.Contains(await client.QueryAsync(what + " to stdout (encoding 'latin1')"), static m => m.Type == 'E');
        Assert.DoesNotContain("4539148803436467", Data(await client.QueryAsync(what + " to stdout binary")), StringComparison.Ordinal);
    }
}
