using Sallyport.Postgres.Session;

namespace Sallyport.Postgres.Startup;

/// <summary>Caps on connections that have not logged in, per source address and in total, so that nobody can stall the others.</summary>
internal sealed class StartLimits
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _sources = [];
    private readonly PostgresSessionOptions _options;
    private int _starting;

    public StartLimits(PostgresSessionOptions options) => _options = options;

    /// <summary>A place for one more connection, to be left when it has logged in or ends; null when there is none.</summary>
    public Place? TryEnter(string source)
    {
        lock (_gate)
        {
            var ofSource = _sources.GetValueOrDefault(source);
            if (_starting >= _options.MaxStarting || ofSource >= _options.MaxStartingPerSource)
                return null;
            _sources[source] = ofSource + 1;
            _starting++;
            return new Place(this, source);
        }
    }

    private void Leave(string source)
    {
        lock (_gate)
        {
            _starting--;
            if (--_sources[source] == 0)
                _sources.Remove(source);
        }
    }

    /// <summary>One connection's place.</summary>
    public sealed class Place : IDisposable
    {
        private readonly StartLimits _limits;
        private readonly string _source;
        private bool _isLeft;

        internal Place(StartLimits limits, string source)
        {
            _limits = limits;
            _source = source;
        }

        /// <summary>It logged in, or it ended; the first call counts.</summary>
        public void Dispose()
        {
            if (!_isLeft)
                _limits.Leave(_source);
            _isLeft = true;
        }
    }
}
