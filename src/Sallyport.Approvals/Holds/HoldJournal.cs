using Sallyport.Core;

namespace Sallyport.Approvals;

/// <summary>
/// Writes to the store and answers whether it took it. Errors and delays of the store end here: the caller fails closed.
/// </summary>
internal sealed class HoldJournal
{
    private readonly IHoldStore _store;
    private readonly TimeProvider _time;
    private readonly TimeSpan _timeout;

    public HoldJournal(IHoldStore store, TimeProvider time, TimeSpan timeout)
    {
        _store = store;
        _time = time;
        _timeout = timeout;
    }

    public Task<bool> AddAsync(Hold hold) => TryAsync(static (store, hold, token) => store.AddAsync(hold, token), hold);

    public Task<bool> UpdateAsync(StoredHold hold) => TryAsync(static (store, hold, token) => store.UpdateAsync(hold, token), hold);

    private async Task<bool> TryAsync<T>(Func<IHoldStore, T, CancellationToken, ValueTask> write, T value)
    {
        using var timeout = new CancellationTokenSource(_timeout, _time);
        try
        {
            await write(_store, value, timeout.Token);
            return true;
        }
        catch (Exception)
        {
            return false;
        }
    }
}
