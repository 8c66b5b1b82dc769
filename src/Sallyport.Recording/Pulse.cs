namespace Sallyport.Recording;

/// <summary>
/// Wakes everybody who waits, all at once, on the thread pool. A waiter takes <see cref="Next"/>, looks again at what it waits for,
/// then awaits: a pulse in between cannot be missed. One allocation per pulse, none per waiter.
/// </summary>
internal sealed class Pulse
{
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Next => Volatile.Read(ref _next).Task;

    public void Fire() =>
        Interlocked.Exchange(ref _next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
}
