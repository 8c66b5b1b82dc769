using System.Collections.Immutable;
using Sallyport.Core;
using Sallyport.Policy.Testing;
using Sallyport.Policy.Yaml;

namespace Sallyport.Policy;

/// <summary>
/// The decider the gateway is given: the current snapshot, swapped whole. A file that cannot be read, has errors or fails its own
/// tests leaves the old snapshot in force and shows in <see cref="LastErrors"/>. Before the first good file everything is denied.
/// </summary>
public sealed class PolicyHolder : IDecider
{
    private readonly string _path;
    private readonly FactsReader _facts;
    private readonly Func<PolicyContext> _context;
    private readonly Lock _reloading = new();
    private volatile PolicySnapshot _current = PolicySnapshot.DenyAll;
    private volatile Findings _last = new([], []);

    /// <param name="path">The policy file.</param>
    /// <param name="facts">Reads the commands of the file's tests.</param>
    /// <param name="context">What is known around the file, asked at each load.</param>
    public PolicyHolder(string path, FactsReader facts, Func<PolicyContext> context)
    {
        _path = path;
        _facts = facts;
        _context = context;
    }

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

    /// <inheritdoc/>
    public ImmutableArray<Budget> BudgetsFor(Principal principal, Resource resource) => _current.BudgetsFor(principal, resource);

    /// <summary>Reads the file now. False when it was refused.</summary>
    public bool Reload()
    {
        lock (_reloading)
        {
            return Read(out var bytes, out var failure) ? Take(bytes) : Refuse([failure], []);
        }
    }

    private bool Take(byte[] bytes)
    {
        try
        {
            return TryTake(bytes);
        }
        catch (Exception e)
        {
            // A defect in a reader must neither end the process nor leave a half-checked policy in force.
            return Refuse([Problem($"could not be checked: {e.Message}")], []);
        }
    }

    private bool TryTake(byte[] bytes)
    {
        var context = _context();
        var load = PolicyFile.Read(_path, bytes, context);
        if (load.Snapshot is not { } snapshot)
            return Refuse(load.Errors, load.Warnings);
        var failures = PolicyTests.Run(snapshot, load.Tests, context.Resources ?? [], _facts);
        if (!failures.IsEmpty)
            return Refuse(failures, load.Warnings);
        _last = new Findings([], load.Warnings);
        // The same bytes keep their snapshot, and with it what was memorised of its verdicts.
        if (snapshot.Snapshot != _current.Snapshot)
            _current = snapshot;
        return true;
    }

    private bool Refuse(ImmutableArray<YamlProblem> errors, ImmutableArray<YamlProblem> warnings)
    {
        _last = new Findings(errors, warnings);
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
