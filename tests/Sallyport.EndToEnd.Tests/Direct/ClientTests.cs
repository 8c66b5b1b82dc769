using Sallyport.Testing.Postgres;
using Sallyport.Testing.Runners;

namespace Sallyport.EndToEnd.Tests.Direct;

/// <summary>Proves the rig itself: every client and scenario against PostgreSQL with nothing between.</summary>
public sealed class ClientTests : IClassFixture<DirectServers>
{
    private static readonly ClientKind[] Drivers =
        [ClientKind.Psycopg2, ClientKind.Psycopg3, ClientKind.Asyncpg, ClientKind.NodePg, ClientKind.Jdbc];

    private readonly DirectServers _servers;

    public ClientTests(DirectServers servers)
    {
        _servers = servers;
    }

    public static TheoryData<ClientKind, Scenario, string, string> Expectations
    {
        get
        {
            var data = new TheoryData<ClientKind, Scenario, string, string>();
            foreach (var client in Drivers)
            {
                data.Add(client, Scenario.Prepared, "row", "0");
                data.Add(client, Scenario.Error, "next command", "1");
                data.Add(client, Scenario.Notice, "notice", client == ClientKind.Psycopg2 ? "NOTICE:  seen" : "seen");
                data.Add(client, Scenario.Cancel, "sqlstate", "57014");
                data.Add(client, Scenario.Cursor, "sum", "5565");
                data.Add(client, Scenario.Big, "bytes", "10000000");
                if (client != ClientKind.NodePg)
                    data.Add(client, Scenario.Copy, "lines", "1000");
            }

            data.Add(ClientKind.Psycopg3, Scenario.Pipeline, "sqlstate", "23505");
            data.Add(ClientKind.Asyncpg, Scenario.Pipeline, "after failure", "200");
            data.Add(ClientKind.Jdbc, Scenario.Pipeline, "rows", "200");
            data.Add(ClientKind.Psycopg2, Scenario.Types, "uuid", "[\"6f9619ff-8b86-d011-b42d-00c04fc964ff\", null]");
            data.Add(ClientKind.Psycopg3, Scenario.Types, "int8 binary", "[\"-9223372036854775808\", null]");
            data.Add(ClientKind.Asyncpg, Scenario.Types, "bytea", "[\"00ff10\", null]");
            data.Add(ClientKind.NodePg, Scenario.Types, "numeric", "[\"12345.6789\",null]");
            data.Add(ClientKind.Jdbc, Scenario.Types, "int4 binary", "2147483647");
            data.Add(ClientKind.Psycopg2, Scenario.Transaction, "after commit", "1");
            data.Add(ClientKind.Psycopg3, Scenario.Transaction, "after savepoint", "1");
            data.Add(ClientKind.Asyncpg, Scenario.Transaction, "after rollback", "0");
            data.Add(ClientKind.NodePg, Scenario.Transaction, "after rollback", "0");
            data.Add(ClientKind.Jdbc, Scenario.Transaction, "after rollback", "0");
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Expectations))]
    public async Task AClientSeesWhatTheServerSays(ClientKind client, Scenario scenario, string check, string expected)
    {
        var result = await ClientRunner.RunAsync(client, scenario, _servers.Fifteen.Target);

        Assert.Equal(expected, result[check]);
        Assert.Equal(0, result.ExitCode);
    }

    [Theory]
    [InlineData(ClientKind.Psycopg2)]
    [InlineData(ClientKind.Psycopg3)]
    [InlineData(ClientKind.Asyncpg)]
    [InlineData(ClientKind.NodePg)]
    [InlineData(ClientKind.Jdbc)]
    public async Task AClientReachesEighteenOverVerifiedTls(ClientKind client)
    {
        var result = await ClientRunner.RunAsync(client, Scenario.Error, _servers.Eighteen.Target);

        Assert.Equal("42P01", result["sqlstate"]);
    }

    [Theory]
    [InlineData(ClientKind.Psql, PostgresVersion.Fifteen)]
    [InlineData(ClientKind.PsqlOnLibpq18, PostgresVersion.Eighteen)]
    public async Task PsqlRunsEveryScript(ClientKind client, PostgresVersion version)
    {
        var target = _servers.Of(version).Target;

        Assert.Contains("jsonb|{\"a\": [1, null]}", (await ClientRunner.RunAsync(client, Scenario.Types, target)).Lines);
        Assert.Equal("8", (await ClientRunner.RunAsync(client, Scenario.Prepared, target)).Lines[^1]);
        Assert.Equal("0", (await ClientRunner.RunAsync(client, Scenario.Transaction, target)).Lines[^1]);
        Assert.Equal("2\ttwo", (await ClientRunner.RunAsync(client, Scenario.Copy, target)).Lines[^1]);
        Assert.Equal(105, (await ClientRunner.RunAsync(client, Scenario.Cursor, target)).Lines.Count);
        Assert.Equal(100_000, (await ClientRunner.RunAsync(client, Scenario.Big, target)).Lines.Count);
        Assert.Contains("seen", (await ClientRunner.RunAsync(client, Scenario.Notice, target)).Error, StringComparison.Ordinal);
        await FailsThenWorksAsync(Scenario.Error, "42P01");
        await FailsThenWorksAsync(Scenario.Cancel, "57014");

        async Task FailsThenWorksAsync(Scenario scenario, string state)
        {
            var result = await ClientRunner.RunAsync(client, scenario, target);
            Assert.Contains(state, result.Error, StringComparison.Ordinal);
            Assert.Equal("1", result.Lines[^1]);
        }
    }

    [Fact]
    public async Task LibpqEighteenSpeaksProtocolThreeTwo()
    {
        var result = await ClientRunner.PsqlAsync(
            "\\c \"min_protocol_version=3.2\"\nselect 'three two';\n", _servers.Eighteen.Target, PostgresInstallation.Eighteen.LibraryPath);

        Assert.Equal("three two", result.Lines[^1]);
    }

    [Fact]
    public async Task PgBenchAndPgDumpRun()
    {
        var target = _servers.Fifteen.Target;

        Assert.Equal(0, (await ClientRunner.PgBenchAsync(target, "-i", "-q", "-s", "1")).ExitCode);
        var bench = await ClientRunner.PgBenchAsync(target, "-M", "prepared", "-S", "-t", "50");
        Assert.Contains("50/50", bench.Output, StringComparison.Ordinal);
        var dump = await ClientRunner.PgDumpAsync(target);
        Assert.Contains("COPY public.pgbench_accounts", dump.Output, StringComparison.Ordinal);
    }
}
