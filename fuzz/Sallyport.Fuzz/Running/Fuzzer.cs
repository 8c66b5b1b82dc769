using System.Diagnostics;
using System.Globalization;

namespace Sallyport.Fuzz;

/// <summary>
/// Feeds one target mutated inputs and keeps those that reach code which none before reached. The same options do the same run, as
/// far as time does not decide; without instrumentation no input is ever new.
/// </summary>
internal sealed class Fuzzer : IDisposable
{
    // Long, so that a busy machine alone never looks like it.
    private static readonly TimeSpan Hang = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan ReportEvery = TimeSpan.FromSeconds(10);

    private readonly IFuzzTarget _target;
    private readonly FuzzOptions _options;
    private readonly TextWriter _report;
    private readonly Coverage _coverage = new();
    private readonly InputPool _pool = new();
    private readonly InputFolder _new;
    private readonly InputFolder _kept;
    private readonly Findings _findings;
    private readonly LastInput _last;
    private readonly Mutator _mutator;
    private readonly Timer _watch;
    private long _startedAt = long.MaxValue;
    private long _done;

    public Fuzzer(IFuzzTarget target, FuzzOptions options, TextWriter report)
    {
        _target = target;
        _options = options;
        _report = report;
        var work = Path.Combine(options.Work, target.Name);
        _new = new InputFolder(Path.Combine(work, "new"));
        _kept = new InputFolder(Path.Combine(options.Kept, target.Name));
        _findings = new Findings(target.Name, new InputFolder(Path.Combine(work, "findings")), report);
        _last = new LastInput(LastInputPath(options, target.Name), target.LongestInput);
        _mutator = new Mutator(target.Tokens, target.LongestInput, target.IsNested);
        _watch = new Timer(_ => EndWhenHanging(), null, Hang, Hang / 6);
    }

    public static string LastInputPath(FuzzOptions options, string target) => Path.Combine(options.Work, target, "last");

    /// <summary>How many promises were broken.</summary>
    public int Run()
    {
        var clock = Stopwatch.StartNew();
        var reportAt = ReportEvery;
        Load();
        var random = new Random(_options.Seed);
        for (; _done < _options.Iterations && clock.Elapsed < _options.Time; _done++)
        {
            var input = _mutator.Next(_pool.Pick(random), _pool.Inputs, random);
            if (Execute(input))
            {
                _pool.Add(input);
                _new.Write(input);
            }
            if (clock.Elapsed < reportAt)
                continue;
            Report(clock);
            reportAt = clock.Elapsed + ReportEvery;
        }
        Report(clock);
        if (_options.Minimises)
            Minimise();
        return _findings.Count;
    }

    public void Dispose()
    {
        _watch.Dispose();
        _last.Dispose();
    }

    private void Load()
    {
        // Twice: the first time static constructors run as well.
        Execute(_target.Corpus[0]);
        foreach (var input in _target.Corpus.Concat(_kept.Read()).Concat(_new.Read()))
        {
            Execute(input);
            _pool.Add(input);
        }
    }

    /// <summary>True when it reached what none before did.</summary>
    private bool Execute(byte[] input)
    {
        _last.Set(input);
        Volatile.Write(ref _startedAt, Stopwatch.GetTimestamp());
        Coverage.Begin();
        var broken = Execution.Run(_target, input);
        var isNew = _coverage.TakeUp();
        Volatile.Write(ref _startedAt, long.MaxValue);
        if (broken is not null)
            _findings.Add(input, broken);
        return isNew && broken is null;
    }

    private void Minimise()
    {
        var inputs = new Minimiser(_target).Run(_target.Corpus, _pool.Inputs);
        _kept.Clear();
        foreach (var input in inputs)
            _kept.Write(input);
        _new.Clear();
        _report.WriteLine($"{_target.Name}: {inputs.Count} inputs kept, {inputs.Sum(static input => input.Length)} bytes");
    }

    private void Report(Stopwatch clock) => _report.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{_target.Name}: {clock.Elapsed.TotalSeconds:F0} s, {_done} inputs, {_done / clock.Elapsed.TotalSeconds:F0}/s, "
        + $"{_coverage.Edges} edges, {_pool.Inputs.Count} in the corpus, {_findings.Count} findings"));

    // Nothing stops a thread that does not end, so the process does; the last input is on disk.
    private void EndWhenHanging()
    {
        var startedAt = Volatile.Read(ref _startedAt);
        if (startedAt != long.MaxValue && Stopwatch.GetElapsedTime(startedAt) > Hang)
            Environment.FailFast($"{_target.Name}: an input takes longer than {Hang.TotalMinutes:F0} min");
    }
}
