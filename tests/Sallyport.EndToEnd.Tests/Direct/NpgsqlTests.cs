using Npgsql;

namespace Sallyport.EndToEnd.Tests.Direct;

/// <summary>Npgsql runs in the test itself: binary formats, batches, prepared statements, binary COPY.</summary>
public sealed class NpgsqlTests : IClassFixture<DirectServers>
{
    private readonly DirectServers _servers;

    public NpgsqlTests(DirectServers servers)
    {
        _servers = servers;
    }

    [Fact]
    public async Task BatchesPreparedStatementsAndBinaryCopyWork()
    {
        await using var connection = new NpgsqlConnection(_servers.Eighteen.Target.ToNpgsql());
        await connection.OpenAsync();

        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands = { new("create temp table t(a int, b text)"), new("insert into t values (1, 'one')") },
        };
        await batch.ExecuteNonQueryAsync();
        await using (var import = await connection.BeginBinaryImportAsync("copy t from stdin (format binary)"))
        {
            await import.WriteRowAsync(CancellationToken.None, 2, "two");
            await import.CompleteAsync();
        }

        await using var command = new NpgsqlCommand("select b from t where a = $1", connection) { Parameters = { new() { Value = 2 } } };
        await command.PrepareAsync();
        for (var i = 0; i < 5; i++)
            Assert.Equal("two", await command.ExecuteScalarAsync());
    }

    [Fact]
    public async Task AnErrorLeavesTheConnectionUsable()
    {
        await using var connection = new NpgsqlConnection(_servers.Fifteen.Target.ToNpgsql());
        await connection.OpenAsync();

        await using var failing = new NpgsqlCommand("select * from no_such_table", connection);
        Assert.Equal("42P01", (await Assert.ThrowsAsync<PostgresException>(() => failing.ExecuteScalarAsync())).SqlState);
        await using var working = new NpgsqlCommand("select 1", connection);
        Assert.Equal(1, await working.ExecuteScalarAsync());
    }
}
