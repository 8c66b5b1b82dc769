using System.Security.Cryptography;

namespace Sallyport.Hosting.Reloading;

/// <summary>
/// Says when the bytes of some files have changed. It reads and hashes them at each tick, since times and sizes say too little (a
/// rename over a file, a swapped symlink of a folder, two writes in one tick of the clock). New bytes count once two ticks saw the
/// same, so a half-written file is not tried. Nothing that goes wrong in a look or in what it calls ends the watching.
/// </summary>
internal sealed class FileWatch : IDisposable
{
    private readonly Func<IEnumerable<string>> _files;
    private readonly Func<Task> _changed;
    private readonly ILogger _log;
    private readonly ITimer _timer;
    private string _seen;
    private string _told;
    private int _isLooking;
    private volatile bool _isDisposed;

    /// <param name="files">Asked at each tick. One that is not there counts as such.</param>
    /// <param name="changed">Called one at a time.</param>
    /// <param name="time">Drives it.</param>
    /// <param name="interval">A second is plenty.</param>
    /// <param name="log">Where a failure is told.</param>
    public FileWatch(Func<IEnumerable<string>> files, Func<Task> changed, TimeProvider time, TimeSpan interval, ILogger log)
    {
        _files = files;
        _changed = changed;
        _log = log;
        _seen = _told = Digest();
        _timer = time.CreateTimer(static watch => _ = ((FileWatch)watch!).LookAsync(), this, interval, interval);
    }

    /// <summary>A look that is under way goes on; what it fails at then is nobody's concern.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        _timer.Dispose();
    }

    private async Task LookAsync()
    {
        // A slow reload must not be overtaken by the next.
        if (Interlocked.Exchange(ref _isLooking, 1) == 1)
            return;
        try
        {
            var digest = Digest();
            var isSettled = digest == _seen;
            _seen = digest;
            if (!isSettled || digest == _told)
                return;
            _told = digest;
            await _changed();
        }
        catch (Exception e)
        {
            // It runs from a timer: whatever escaped here would end the process, or the watching.
            if (!_isDisposed)
                ReloadLog.Failed(_log, e);
        }
        finally
        {
            Interlocked.Exchange(ref _isLooking, 0);
        }
    }

    private string Digest() => string.Join('\n', _files().Select(static file => file + ' ' + DigestOf(file)));

    private static string DigestOf(string file)
    {
        try
        {
            using var stream = File.OpenRead(file);
            return Convert.ToHexStringLower(SHA256.HashData(stream));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.GetType().Name;
        }
    }
}
