using Sallyport.Testing.Postgres;

namespace Sallyport.EndToEnd.Tests.Direct;

/// <summary>One PostgreSQL of each version, shared by the suite.</summary>
public sealed class DirectServers : IAsyncLifetime
{
    public PostgresServer Fifteen { get; private set; } = null!;

    public PostgresServer Eighteen { get; private set; } = null!;

    public PostgresServer Of(PostgresVersion version) => version == PostgresVersion.Fifteen ? Fifteen : Eighteen;

    public async Task InitializeAsync()
    {
        Fifteen = await PostgresServer.StartAsync();
        Eighteen = await PostgresServer.StartAsync(new PostgresOptions { Version = PostgresVersion.Eighteen, Tls = true });
    }

    public async Task DisposeAsync()
    {
        await Fifteen.DisposeAsync();
        await Eighteen.DisposeAsync();
    }
}
