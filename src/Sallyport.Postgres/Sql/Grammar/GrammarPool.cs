using System.Collections.Concurrent;

namespace Sallyport.Postgres.Sql;

/// <summary>An instance of the grammar with the tree it writes to: what one thread needs to read one text.</summary>
internal sealed class GrammarWorker(GrammarInstance grammar) : IDisposable
{
    public GrammarInstance Grammar { get; } = grammar;

    public SqlTree Tree { get; } = new();

    public void Dispose() => Grammar.Dispose();
}

/// <summary>
/// Idle workers, at most one a processor. Renting never waits: a thread more than there are workers gets one of its own, which
/// is dropped when it comes back to a full pool. A broken one is dropped instead of returned.
/// </summary>
internal sealed class GrammarPool : IDisposable
{
    private readonly GrammarModule _module;
    private readonly ConcurrentBag<GrammarWorker> _idle = [];
    private int _idleCount;
    private volatile bool _disposed;

    public GrammarPool(GrammarModule module)
    {
        _module = module;
        Return(Rent());
    }

    public GrammarWorker Rent()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!_idle.TryTake(out var worker))
            return new GrammarWorker(_module.CreateInstance());
        Interlocked.Decrement(ref _idleCount);
        return worker;
    }

    public void Return(GrammarWorker worker)
    {
        if (_disposed || worker.Grammar.IsWorn)
        {
            worker.Dispose();
            return;
        }
        if (Interlocked.Increment(ref _idleCount) > Environment.ProcessorCount)
        {
            Interlocked.Decrement(ref _idleCount);
            worker.Dispose();
            return;
        }
        _idle.Add(worker);
    }

    public void Dispose()
    {
        _disposed = true;
        while (_idle.TryTake(out var worker))
            worker.Dispose();
        _module.Dispose();
    }
}
