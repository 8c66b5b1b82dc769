namespace Sallyport.Approvals;

/// <summary>
/// Lets one in at a time, in the order of asking. The next one continues on the thread of the one who leaves, so that a test
/// with its own clock and store runs one schedule the same way every time.
/// </summary>
internal sealed class Turn
{
    private readonly Lock _lock = new();
    private readonly Queue<TaskCompletionSource> _line = new();
    private bool _taken;

    /// <summary>False at once when <paramref name="longestLine"/> stand in line already; else true when the turn is taken.</summary>
    public async ValueTask<bool> TakeAsync(int longestLine)
    {
        TaskCompletionSource called;
        lock (_lock)
        {
            if (!_taken)
                return _taken = true;
            if (_line.Count >= longestLine)
                return false;
            called = new TaskCompletionSource();
            _line.Enqueue(called);
        }
        await called.Task;
        return true;
    }

    public void Leave()
    {
        TaskCompletionSource? next;
        lock (_lock)
        {
            if (!_line.TryDequeue(out next))
            {
                _taken = false;
                return;
            }
        }
        next.SetResult();
    }
}
