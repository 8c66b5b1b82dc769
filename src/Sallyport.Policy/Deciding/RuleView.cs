using System.Collections.Immutable;
using Sallyport.Core;
using Sallyport.Policy.Rules;

namespace Sallyport.Policy.Deciding;

/// <summary>
/// What of a policy concerns one principal on one resource: its rules by outcome, in file order, its masks and its budgets. Principals whom
/// the same rules concern share one view, so a verdict remembered for one of them is remembered for all. Immutable but for the
/// lazily made words of <see cref="Alternative"/>.
/// </summary>
internal sealed class RuleView
{
    private string? _alternative;

    public RuleView(string snapshot, string resource, ImmutableArray<Rule> rules, MaskSet masks)
    {
        Snapshot = snapshot;
        Resource = resource;
        Denies = Enforced(rules, DecisionKind.Deny);
        Holds = Enforced(rules, DecisionKind.Hold);
        Allows = Enforced(rules, DecisionKind.Allow);
        CommandModes = [.. Allows.Where(static r => r.IsCommandMode)];
        Observed = [.. rules.Where(static r => r.Observes)];
        Admitting = Allows.FirstOrDefault() ?? Holds.FirstOrDefault();
        Masks = masks;
    }

    public string Snapshot { get; }

    public string Resource { get; }

    public Rule[] Denies { get; }

    public Rule[] Holds { get; }

    public Rule[] Allows { get; }

    /// <summary>Those of <see cref="Allows"/> that allow a shell only as the gateway's own.</summary>
    public Rule[] CommandModes { get; }

    public Rule[] Observed { get; }

    /// <summary>The rule that lets the principal in at all: the first that allows, else the first that holds, else null.</summary>
    public Rule? Admitting { get; }

    public MaskSet Masks { get; }

    public ImmutableArray<Budget> Budgets { get; init; } = [];

    /// <summary>What this principal may do here, in words; null when nothing.</summary>
    public string? Alternative => Admitting is null ? null : _alternative ??= string.Join("; ", Describe());

    private IEnumerable<string> Describe()
    {
        foreach (var rule in Allows)
            yield return $"{RuleWords.What(rule)} on {Resource} is allowed by {rule.Name}";
        foreach (var rule in Holds)
            yield return $"{RuleWords.What(rule)} on {Resource} waits for approval by {rule.Name}";
    }

    private static Rule[] Enforced(ImmutableArray<Rule> rules, DecisionKind then) =>
        [.. rules.Where(r => !r.Observes && r.Then == then)];
}
