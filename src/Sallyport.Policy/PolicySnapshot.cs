using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Sallyport.Core;
using Sallyport.Policy.Deciding;
using Sallyport.Policy.Rules;

namespace Sallyport.Policy;

/// <summary>
/// One policy file, compiled: immutable, thread-safe, swapped whole. A rule that allows must cover every effect on every object,
/// alone or with others; a rule that denies or holds needs to match one; the strictest wins (deny, hold, allow); nothing matching
/// is deny, for each effect on each object by itself; opaque effects pass only where a rule names <c>opaque</c>. Who may do
/// anything on a resource may control its transactions (<c>transaction</c>) and its session settings (<c>session</c>), unless a
/// rule that denies or holds names them.
/// </summary>
public sealed class PolicySnapshot : IDecider
{
    /// <summary>How many resources one principal's views are kept for.</summary>
    private const int ViewsPerPrincipal = 64;

    private readonly ConditionalWeakTable<Principal, PrincipalViews> _principals = [];
    private readonly ConcurrentDictionary<string, RuleView> _views = new(StringComparer.Ordinal);

    internal PolicySnapshot(string digest, ImmutableArray<Rule> rules, ImmutableArray<MaskRule> masks, ImmutableArray<BudgetRule> budgets)
    {
        Snapshot = digest;
        Rules = rules;
        MaskRules = masks;
        BudgetRules = budgets;
    }

    /// <summary>The policy before any file was read: denies everything.</summary>
    public static PolicySnapshot DenyAll { get; } = new("0000000000000000", [], [], []);

    /// <inheritdoc/>
    public string Snapshot { get; }

    internal ImmutableArray<Rule> Rules { get; }

    internal ImmutableArray<MaskRule> MaskRules { get; }

    internal ImmutableArray<BudgetRule> BudgetRules { get; }

    /// <inheritdoc/>
    public Decision Decide(Facts facts, Principal principal, Resource resource, INameResolver? names)
    {
        var view = ViewOf(principal, resource);
        var memo = facts.VerdictMemo as VerdictMemo;
        return memo?.Find(view, names) ?? DecideAnew(facts, view, names, memo);
    }

    /// <inheritdoc/>
    public bool Admits(Principal principal, Resource resource) => ViewOf(principal, resource).Admitting is not null;

    /// <inheritdoc/>
    public MaskSet MasksFor(Principal principal, Resource resource) => ViewOf(principal, resource).Masks;

    /// <inheritdoc/>
    public ImmutableArray<Budget> BudgetsFor(Principal principal, Resource resource) => ViewOf(principal, resource).Budgets;

    internal RuleView ViewOf(Principal principal, Resource resource)
    {
        if (_principals.TryGetValue(principal, out var known) && known.Find(resource) is { } view)
            return view;
        return MakeView(principal, resource);
    }

    private static Decision DecideAnew(Facts facts, RuleView view, INameResolver? names, VerdictMemo? memo)
    {
        var decision = Judge.Decide(facts, view, names, out var namesMattered);
        facts.VerdictMemo = VerdictMemo.With(memo, view, names, namesMattered, decision);
        return decision;
    }

    private RuleView MakeView(Principal principal, Resource resource)
    {
        ImmutableArray<Rule> rules = [.. Rules.Where(r => r.AppliesTo(principal, resource))];
        MaskRule[] masks = [.. MaskRules.Where(m => m.AppliesTo(principal, resource))];
        BudgetRule[] budgets = [.. BudgetRules.Where(b => b.AppliesTo(principal, resource))];
        // One view for all whom the same rules concern: their verdicts and masks are the same references.
        var (ruleKey, maskKey) = (string.Join(',', rules.Select(static r => r.Index)), string.Join(',', masks.Select(static m => m.Index)));
        var key = $"{ruleKey}/{maskKey}/{string.Join(',', budgets.Select(static b => b.Index))}/{resource.Name}";
        var view = _views.GetOrAdd(
            key,
            _ => new RuleView(Snapshot, resource.Name, rules, Masks.Combine(masks)) { Budgets = [.. budgets.Select(static b => b.Budget)] });
        _principals.GetValue(principal, static _ => new PrincipalViews()).Add(resource, view, ViewsPerPrincipal);
        return view;
    }

    /// <summary>The views of one principal, by resource. Few: a session has one resource.</summary>
    private sealed class PrincipalViews
    {
        private (Resource Resource, RuleView View)[] _views = [];

        public RuleView? Find(Resource resource)
        {
            foreach (ref readonly var entry in Volatile.Read(ref _views).AsSpan())
            {
                if (ReferenceEquals(entry.Resource, resource))
                    return entry.View;
            }
            return null;
        }

        /// <summary>A lost race costs making one view again.</summary>
        public void Add(Resource resource, RuleView view, int capacity)
        {
            var old = Volatile.Read(ref _views);
            Volatile.Write(ref _views, old.Length < capacity ? [.. old, (resource, view)] : [(resource, view)]);
        }
    }
}
