using Sallyport.Core;

namespace Sallyport.Storage.Tests;

public sealed class SqliteStoreContractTests : StoreContract, IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private SqliteStore _store = null!;

    protected override ISecretStore Secrets => _store.Secrets;

    protected override ISessionStore Sessions => _store.Sessions;

    protected override IHoldStore Holds => _store.Holds;

    protected override ISegmentIndexStore Segments => _store.Segments;

    public Task InitializeAsync()
    {
        _store = SqliteStore.Open(_folder.File("state.db"), TimeProvider.System).Store!;
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    protected override async Task ReopenAsync()
    {
        await _store.DisposeAsync();
        await InitializeAsync();
    }
}
