using System.Collections.Concurrent;
using Sallyport.Core;

namespace Sallyport.Approvals.Tests;

/// <summary>A store in memory. <see cref="BeforeWrite"/> decides when each write is taken, or throws to fail it.</summary>
internal sealed class MemoryHoldStore : IHoldStore
{
    private readonly ConcurrentDictionary<string, StoredHold> _holds = new();

    public Func<CancellationToken, Task> BeforeWrite { get; set; } = _ => Task.CompletedTask;

    public Action AfterUpdate { get; set; } = () => { };

    public StoredHold this[string id] => _holds[id];

    public bool Has(string id) => _holds.ContainsKey(id);

    public async ValueTask AddAsync(Hold hold, CancellationToken cancellationToken)
    {
        await BeforeWrite(cancellationToken);
        if (!_holds.TryAdd(hold.Id, new StoredHold(hold, HoldState.Waiting, [], null, null, null)))
            throw new InvalidOperationException("the id is taken");
    }

    public async ValueTask UpdateAsync(StoredHold hold, CancellationToken cancellationToken)
    {
        await BeforeWrite(cancellationToken);
        _holds[hold.Hold.Id] = hold;
        AfterUpdate();
    }

    public ValueTask<StoredHold?> FindAsync(string id, CancellationToken cancellationToken) => ValueTask.FromResult(_holds.GetValueOrDefault(id));

    public ValueTask<IReadOnlyList<StoredHold>> ListAsync(HoldState? state, int limit, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<StoredHold>>(
            [.. _holds.Values.Where(hold => state is null || hold.State == state).OrderByDescending(hold => hold.Hold.AskedAt).Take(limit)]);
}
