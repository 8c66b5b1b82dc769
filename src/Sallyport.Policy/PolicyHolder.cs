using System.Collections.Immutable;
using Sallyport.Core;
using Sallyport.Policy.Testing;
using Sallyport.Policy.Yaml;

namespace Sallyport.Policy;

/// <summary>
/// The decider the gateway is given: the current snapshot, swapped whole. A file that cannot be read, has errors or fails its own
/// tests leaves the old snapshot in force and shows in <see cref="LastErrors"/>. Before the first good file everything is denied.
/// </summary>
/// <remarks>
/// Watching reads and hashes the file at each tick, since times and sizes of a file say too little (a rename over it, a swapped
/// symlink directory, two writes in one clock tick). New bytes are taken once two ticks saw the same, so a half-written file is
/// not tried.
/// </remarks>
public sealed class PolicyHolder : IDecider, IDisposable
{
    private readonly string _path;
    private readonly FactsReader _facts;
    private readonly Func<PolicyContext> _context;
    private readonly TimeProvider _time;
    private readonly Lock _reloading = new();
    private volatile PolicySnapshot _current = PolicySnapshot.DenyAll;
    private volatile Findings _last = new([], []);
    private string? _tried;
    private string? _seen;
    private ITimer? _timer;

    /// <param name="path">The policy file.</param>
    /// <param name="facts">Reads the commands of the file's tests.</param>
    /// <param name="context">What is known around the file, asked at each load.</param>
    /// <param name="time">Drives the watch.</param>
    public PolicyHolder(string path, FactsReader facts, Func<PolicyContext> context, TimeProvider time)
    {
        _path = path;
        _facts = facts;
        _context = context;
        _time = time;
    }

    /// <summary>Raised after a new snapshot is in force. Handlers run inside the reload and must be short.</summary>
    public event Action<PolicySnapshot>? Swapped;

    /// <summary>Raised when a file was refused; the old snapshot stays.</summary>
    public event Action<ImmutableArray<YamlProblem>>? Refused;

    public PolicySnapshot Current => _current;

    /// <summary>Why the file as it is now is not in force; empty when it is.</summary>
    public ImmutableArray<YamlProblem> LastErrors => _last.Errors;

    public ImmutableArray<YamlProblem> LastWarnings => _last.Warnings;

    /// <inheritdoc/>
    public string Snapshot => _current.Snapshot;

    /// <inheritdoc/>
    public Decision Decide(Facts facts, Principal principal, Resource resource, INameResolver? names) =>
        _current.Decide(facts, principal, resource, names);

    /// <inheritdoc/>
    public bool Admits(Principal principal, Resource resource) => _current.Admits(principal, resource);

    /// <inheritdoc/>
    public MaskSet MasksFor(Principal principal, Resource resource) => _current.MasksFor(principal, resource);

    /// <summary>Reads the file now. False when it was refused.</summary>
    public bool Reload()
    {
        lock (_reloading)
        {
            return Read(out var bytes, out var failure) ? Take(bytes) : Refuse("unreadable", [failure], []);
        }
    }

    /// <summary>Looks at the file each <paramref name="interval"/> (a second is plenty) until disposed.</summary>
    public void Watch(TimeSpan interval)
    {
        lock (_reloading)
        {
            _timer ??= _time.CreateTimer(static holder => ((PolicyHolder)holder!).Look(), this, interval, interval);
        }
    }

    public void Dispose() => _timer?.Dispose();

    private void Look()
    {
        lock (_reloading)
        {
            var readable = Read(out var bytes, out var failure);
            var digest = readable ? PolicyFile.Digest(bytes) : "unreadable";
            var settled = digest == _seen;
            _seen = digest;
            if (!settled || digest == _tried)
                return;
            if (readable)
                Take(bytes);
            else
                Refuse(digest, [failure], []);
        }
    }

    private bool Take(byte[] bytes)
    {
        var digest = PolicyFile.Digest(bytes);
        try
        {
            return TryTake(digest, bytes);
        }
        catch (Exception e)
        {
            // A defect in a reader must neither end the process from a timer nor leave a half-checked policy in force.
            return Refuse(digest, [Problem($"could not be checked: {e.Message}")], []);
        }
    }

    private bool TryTake(string digest, byte[] bytes)
    {
        var context = _context();
        var load = PolicyFile.Read(_path, bytes, context);
        if (load.Snapshot is not { } snapshot)
            return Refuse(digest, load.Errors, load.Warnings);
        var failures = PolicyTests.Run(snapshot, load.Tests, context.Resources ?? [], _facts);
        if (!failures.IsEmpty)
            return Refuse(digest, failures, load.Warnings);
        _tried = digest;
        _last = new Findings([], load.Warnings);
        if (digest != _current.Snapshot)
        {
            _current = snapshot;
            Swapped?.Invoke(snapshot);
        }
        return true;
    }

    private bool Refuse(string digest, ImmutableArray<YamlProblem> errors, ImmutableArray<YamlProblem> warnings)
    {
        _tried = digest;
        _last = new Findings(errors, warnings);
        Refused?.Invoke(errors);
        return false;
    }

    private bool Read(out byte[] bytes, out YamlProblem failure)
    {
        failure = Problem("");
        try
        {
            using var file = File.OpenRead(_path);
            // One byte past the limit is enough for the reader to refuse it.
            bytes = new byte[Math.Min(file.Length, YamlReader.MaxBytes + 1)];
            Array.Resize(ref bytes, file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false));
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            bytes = [];
            failure = Problem($"cannot be read: {e.Message}");
            return false;
        }
    }

    private YamlProblem Problem(string message) => new(_path, 1, 1, "", message);

    private sealed record Findings(ImmutableArray<YamlProblem> Errors, ImmutableArray<YamlProblem> Warnings);
}
