using HdrHistogram;

namespace Sallyport.Load.Measuring;

/// <summary>Every round's value of every metric of every subject; metrics and subjects in the order in which they came.</summary>
public sealed class Results
{
    private readonly Dictionary<(Metric Metric, string Subject), List<double>> _rounds = [];
    private readonly Dictionary<(string Load, string Subject), LongHistogram> _latencies = [];
    private readonly List<Metric> _metrics = [];
    private readonly List<string> _subjects = [];

    public IReadOnlyList<Metric> Metrics => _metrics;

    public IReadOnlyList<string> Subjects => _subjects;

    /// <summary>What is to be told besides numbers, e.g. the rate of the open loop.</summary>
    public List<string> Notes { get; } = [];

    /// <summary>The loads whose latencies were kept whole.</summary>
    public IEnumerable<string> Loads => _latencies.Keys.Select(key => key.Load).Distinct();

    public void Add(string subject, Metric metric, double value)
    {
        if (!_subjects.Contains(subject))
            _subjects.Add(subject);
        if (!_metrics.Contains(metric))
            _metrics.Add(metric);
        if (!_rounds.TryGetValue((metric, subject), out var values))
            _rounds[(metric, subject)] = values = [];
        values.Add(value);
    }

    /// <summary>Keeps all latencies of a load, over all rounds, for the plot.</summary>
    public void Add(string subject, string load, LongHistogram latencies)
    {
        if (!_latencies.TryGetValue((load, subject), out var all))
            _latencies[(load, subject)] = all = Latencies.New();
        all.Add(latencies);
    }

    /// <summary>Takes over what another one holds, e.g. one workload's round, which counts whole or not at all.</summary>
    public void Add(Results round)
    {
        foreach (var ((metric, subject), values) in round._rounds)
            values.ForEach(value => Add(subject, metric, value));
        foreach (var ((load, subject), latencies) in round._latencies)
            Add(subject, load, latencies);
        Notes.AddRange(round.Notes.Except(Notes));
    }

    /// <summary>The median over rounds; null when this was not measured.</summary>
    public double? Median(Metric metric, string subject) =>
        _rounds.TryGetValue((metric, subject), out var values) ? Statistics.Median(values) : null;

    /// <summary>See <see cref="Statistics.Ratio"/>; null also for a subject to itself.</summary>
    public double? Ratio(Metric metric, string subject, string against) =>
        subject != against && _rounds.TryGetValue((metric, subject), out var values) &&
        _rounds.TryGetValue((metric, against), out var bases)
            ? Statistics.Ratio(values, bases)
            : null;

    /// <summary>All latencies of a load by subject.</summary>
    public IEnumerable<(string Subject, LongHistogram Latencies)> LatenciesOf(string load) =>
        _latencies.Where(entry => entry.Key.Load == load).Select(entry => (entry.Key.Subject, entry.Value));
}
