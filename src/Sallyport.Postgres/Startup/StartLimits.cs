using Sallyport.Postgres.Session;

namespace Sallyport.Postgres.Startup;

/// <summary>Caps on connections per source address and on those that have not logged in, so that nobody can stall the others.</summary>
internal sealed class StartLimits
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Counts> _sources = [];
    private readonly PostgresSessionOptions _options;
    private int _starting;

    public StartLimits(PostgresSessionOptions options) => _options = options;

    /// <summary>A place for one more connection, to be disposed when it ends; null when there is none.</summary>
    public Place? TryEnter(string source)
    {
        lock (_gate)
        {
            var counts = _sources.GetValueOrDefault(source);
            if (_starting >= _options.MaxStarting || counts.Starting >= _options.MaxStartingPerSource || counts.All >= _options.MaxPerSource)
                return null;
            _sources[source] = new Counts(counts.All + 1, counts.Starting + 1);
            _starting++;
            return new Place(this, source);
        }
    }

    private void Leave(string source, bool wasStarting, bool isGone)
    {
        lock (_gate)
        {
            var counts = _sources[source];
            counts = new Counts(counts.All - (isGone ? 1 : 0), counts.Starting - (wasStarting ? 1 : 0));
            if (counts.All == 0)
                _sources.Remove(source);
            else
                _sources[source] = counts;
            _starting -= wasStarting ? 1 : 0;
        }
    }

    /// <summary>One connection's place.</summary>
    public sealed class Place : IDisposable
    {
        private readonly StartLimits _limits;
        private readonly string _source;
        private bool _isStarting = true;

        internal Place(StartLimits limits, string source)
        {
            _limits = limits;
            _source = source;
        }

        /// <summary>It logged in.</summary>
        public void Started()
        {
            _limits.Leave(_source, _isStarting, isGone: false);
            _isStarting = false;
        }

        public void Dispose() => _limits.Leave(_source, _isStarting, isGone: true);
    }

    private readonly record struct Counts(int All, int Starting);
}
