using Sallyport.Core;

namespace Sallyport.Identity.Tests;

/// <summary>A store in memory that can be made to fail; the real ones are tested in Sallyport.Storage.Tests.</summary>
internal sealed class MemorySecretStore : ISecretStore
{
    public List<StoredSecret> Rows { get; } = [];

    public bool Fails { get; set; }

    public ValueTask AddAsync(StoredSecret secret, CancellationToken cancellationToken)
    {
        FailWhenAsked();
        Rows.Insert(0, secret);
        return ValueTask.CompletedTask;
    }

    public ValueTask<IReadOnlyList<StoredSecret>> ListLiveAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        FailWhenAsked();
        return new([.. Rows.Where(r => r.RevokedAt is null && r.ExpiresAt > now)]);
    }

    public ValueTask<bool> RevokeAsync(string id, DateTimeOffset at, CancellationToken cancellationToken)
    {
        FailWhenAsked();
        var index = Rows.FindIndex(r => r.Id == id && r.RevokedAt is null);
        if (index >= 0)
            Rows[index] = Rows[index] with { RevokedAt = at };
        return new(index >= 0);
    }

    public ValueTask<bool> TrySpendAsync(string id, DateTimeOffset at, CancellationToken cancellationToken)
    {
        FailWhenAsked();
        var index = Rows.FindIndex(r => r is { IsOneTime: true, SpentAt: null, RevokedAt: null } && r.Id == id);
        if (index >= 0)
            Rows[index] = Rows[index] with { SpentAt = at };
        return new(index >= 0);
    }

    private void FailWhenAsked()
    {
        if (Fails)
            throw new StoreException(StoreFault.Device, "the device is gone");
    }
}
