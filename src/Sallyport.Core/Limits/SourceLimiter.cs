namespace Sallyport.Core;

/// <summary>
/// Caps how many connections there may be at once, of one source and of all together, so that nobody takes what all need.
/// </summary>
public sealed class SourceLimiter
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ClientSource, int> _sources = [];
    private readonly int _perSource;
    private readonly int _total;
    private int _taken;

    public SourceLimiter(int perSource, int total = int.MaxValue)
    {
        _perSource = perSource;
        _total = total;
    }

    /// <summary>A place for one more connection, to be left by its dispose; null when there is none.</summary>
    public Place? TryEnter(ClientSource source)
    {
        lock (_gate)
        {
            var ofSource = _sources.GetValueOrDefault(source);
            if (_taken >= _total || ofSource >= _perSource)
                return null;
            _sources[source] = ofSource + 1;
            _taken++;
            return new Place(this, source);
        }
    }

    private void Leave(ClientSource source)
    {
        lock (_gate)
        {
            _taken--;
            if (--_sources[source] == 0)
                _sources.Remove(source);
        }
    }

    /// <summary>One connection's place.</summary>
    public sealed class Place : IDisposable
    {
        private readonly SourceLimiter _limiter;
        private readonly ClientSource _source;
        private int _isLeft;

        internal Place(SourceLimiter limiter, ClientSource source)
        {
            _limiter = limiter;
            _source = source;
        }

        /// <summary>The first call counts.</summary>
        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isLeft, 1) == 0)
                _limiter.Leave(_source);
        }
    }
}
