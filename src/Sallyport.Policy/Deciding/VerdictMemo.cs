using Sallyport.Core;

namespace Sallyport.Policy.Deciding;

/// <summary>
/// The last verdicts on one <see cref="Facts"/>, at most eight, the oldest replaced first. Keyed by reference: a view belongs to
/// one snapshot, one set of rules and one resource; a resolver never changes. Immutable: a new verdict makes a new memo.
/// </summary>
internal sealed class VerdictMemo
{
    private const int Capacity = 8;
    private readonly Entry[] _entries;
    private readonly int _next;

    private VerdictMemo(Entry[] entries, int next) => (_entries, _next) = (entries, next);

    public Decision? Find(RuleView view, INameResolver? names)
    {
        foreach (ref readonly var entry in _entries.AsSpan())
        {
            if (ReferenceEquals(entry.View, view) && (!entry.NamesMatter || ReferenceEquals(entry.Names, names)))
                return entry.Decision;
        }
        return null;
    }

    public static VerdictMemo With(VerdictMemo? old, RuleView view, INameResolver? names, bool namesMatter, Decision decision)
    {
        var entry = new Entry(view, namesMatter ? names : null, namesMatter, decision);
        if (old is null)
            return new VerdictMemo([entry], 0);
        if (old._entries.Length < Capacity)
            return new VerdictMemo([.. old._entries, entry], 0);
        var entries = old._entries.AsSpan().ToArray();
        entries[old._next] = entry;
        return new VerdictMemo(entries, (old._next + 1) % Capacity);
    }

    private readonly record struct Entry(RuleView View, INameResolver? Names, bool NamesMatter, Decision Decision);
}
