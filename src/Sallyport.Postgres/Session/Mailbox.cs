using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Sallyport.Postgres.Session;

/// <summary>What one pump leaves for the other: seldom used, so that an idle session holds no queue for it. Thread-safe.</summary>
internal sealed class Mailbox<T>
{
    private ConcurrentQueue<T>? _queue;

    public void Post(T message) => LazyInitializer.EnsureInitialized(ref _queue, static () => new()).Enqueue(message);

    public bool TryTake([MaybeNullWhen(false)] out T message)
    {
        message = default;
        return Volatile.Read(ref _queue)?.TryDequeue(out message) ?? false;
    }
}
