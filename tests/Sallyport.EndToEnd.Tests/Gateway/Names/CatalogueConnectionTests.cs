using Sallyport.Testing.Processes;

namespace Sallyport.EndToEnd.Tests.Gateway.Names;

/// <summary>The gateway's own connection to read the catalogue by: one, kept, and made anew when it breaks or falls silent.</summary>
public sealed class CatalogueConnectionTests(NamesGateway15 names) : IClassFixture<NamesGateway15>
{
    private const string Closed = "select who from payroll";

    private Task<string> ConnectionAsync() =>
        names.TruthAsync("select pid from pg_stat_activity where application_name = 'sallyport:catalogue' and datname = 'shop' and usename = 'postgres'");

    private static async Task ReadAnewAsync(NamesClient plain, NamesClient reader)
    {
        await plain.RunAsync("create table if not exists passing (id int)", "drop table passing");
        Assert.Equal("deny", await reader.RunAsync(Closed));
    }

    [Fact]
    public async Task OneConnectionIsKeptAndMadeAnewWhenTheServerEndedIt()
    {
        await using var plain = await names.LoginAsync("plain");
        await using var reader = await names.LoginAsync("reader");
        await ReadAnewAsync(plain, reader);
        var first = await ConnectionAsync();
        await ReadAnewAsync(plain, reader);

        Assert.Matches("^[0-9]+$", first);
        Assert.Equal(first, await ConnectionAsync());
        await names.TruthAsync($"select pg_terminate_backend({first})");
        await ReadAnewAsync(plain, reader);
        Assert.Matches("^[0-9]+$", await ConnectionAsync());
        Assert.NotEqual(first, await ConnectionAsync());
    }

    [Fact]
    public async Task AConnectionThatFallsSilentIsReplacedAndNothingPassesMeanwhile()
    {
        await using var plain = await names.LoginAsync("plain");
        await using var reader = await names.LoginAsync("reader");
        await ReadAnewAsync(plain, reader);
        var silent = await ConnectionAsync();
        await Command.RunAsync("kill", ["-STOP", silent]);
        try
        {
            await ReadAnewAsync(plain, reader);
            Assert.Contains((await ConnectionAsync()).Split('\n'), pid => pid != silent);
        }
        finally
        {
            await Command.RunAsync("kill", ["-CONT", silent]);
        }
    }
}
