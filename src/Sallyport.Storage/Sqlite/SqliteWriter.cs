using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using Sallyport.Core;

namespace Sallyport.Storage;

/// <summary>
/// The one writer of a store. Changes queue in a channel; those that wait together are committed together, so that callers share
/// the device's sync. A call completes when its change is durable; when one change of a batch fails, the others are tried alone.
/// </summary>
internal sealed class SqliteWriter : IAsyncDisposable
{
    private const int MaxBatch = 256;
    private const int MaxQueue = 4096;
    private readonly Channel<Change> _queue = Channel.CreateBounded<Change>(new BoundedChannelOptions(MaxQueue) { SingleReader = true });
    private readonly SqliteConnection _connection;
    private readonly Task _loop;
    private volatile string? _fault;

    public SqliteWriter(SqliteConnection connection)
    {
        _connection = connection;
        // A thread of its own: SQLite's calls block, and the pool's threads are the sessions'.
        _loop = Task.Factory.StartNew(Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Why the last commit failed; null again once one succeeds.</summary>
    public string? Fault => _fault;

    /// <summary>
    /// Runs the change in a transaction. Cancelling counts until the change is begun; after that the answer is the outcome, so
    /// that nobody is left not knowing.
    /// </summary>
    public async ValueTask<T> WriteAsync<T>(Func<SqliteConnection, SqliteTransaction, T> change, CancellationToken cancellationToken)
    {
        var item = new Change<T>(change, cancellationToken);
        try
        {
            await _queue.Writer.WriteAsync(item, cancellationToken);
        }
        catch (ChannelClosedException)
        {
            throw new StoreException(StoreFault.Closed, "the store was closed");
        }
        return await item.Completion;
    }

    /// <summary>Commits what is queued, then closes.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _loop;
        await _connection.DisposeAsync();
    }

    private void Run()
    {
        var batch = new List<Change>(MaxBatch);
        while (_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            batch.Clear();
            while (batch.Count < MaxBatch && _queue.Reader.TryRead(out var change))
            {
                if (!change.IsCancelled())
                    batch.Add(change);
            }
            if (batch.Count == 0 || TryCommit(batch) is not { } failure)
                continue;
            if (batch.Count == 1)
            {
                batch[0].Fail(failure);
                continue;
            }
            foreach (var change in batch)
            {
                if (TryCommit([change]) is { } own)
                    change.Fail(own);
            }
        }
    }

    /// <summary>Null when all of the batch is durable; otherwise why, and nothing of it is kept.</summary>
    private StoreException? TryCommit(List<Change> batch)
    {
        try
        {
            using (var transaction = _connection.BeginTransaction())
            {
                foreach (var change in batch)
                    change.Apply(_connection, transaction);
                transaction.Commit();
            }
            _fault = null;
        }
        catch (Exception e)
        {
            var failure = e switch
            {
                StoreException own => own,
                SqliteException sqlite => SqliteFaults.Wrap(sqlite),
                _ => new StoreException(StoreFault.Device, e.Message, e),
            };
            if (failure.Fault != StoreFault.Conflict)
                _fault = failure.Message;
            return failure;
        }
        foreach (var change in batch)
            change.Succeed();
        return null;
    }

    private abstract class Change
    {
        public abstract bool IsCancelled();

        public abstract void Apply(SqliteConnection connection, SqliteTransaction transaction);

        public abstract void Succeed();

        public abstract void Fail(StoreException failure);
    }

    private sealed class Change<T>(Func<SqliteConnection, SqliteTransaction, T> run, CancellationToken cancellationToken) : Change
    {
        private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T _result = default!;

        public Task<T> Completion => _done.Task;

        public override bool IsCancelled() => cancellationToken.IsCancellationRequested && _done.TrySetCanceled(cancellationToken);

        public override void Apply(SqliteConnection connection, SqliteTransaction transaction) => _result = run(connection, transaction);

        public override void Succeed() => _done.TrySetResult(_result);

        public override void Fail(StoreException failure) => _done.TrySetException(failure);
    }
}
