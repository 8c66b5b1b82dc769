using System.Collections.Immutable;
using Sallyport.Core;
using Sallyport.Policy.Deciding;
using Sallyport.Policy.Rules;

namespace Sallyport.Policy;

/// <summary>Whether a rule matched a command, and otherwise the first thing about it that did not fit.</summary>
public enum RuleOutcome : byte
{
    Matched,

    /// <summary>Another resource.</summary>
    OtherResource,

    /// <summary>Not about this principal.</summary>
    OtherPrincipal,

    /// <summary>Nothing that the command does is in <c>do</c>.</summary>
    OtherEffect,

    /// <summary>The <c>if</c> does not hold.</summary>
    ConditionNotMet,
}

/// <summary>What one rule said. <see cref="On"/> are the effects it matched, in words.</summary>
public sealed record RuleTrace(string Rule, DecisionKind Then, bool Observes, RuleOutcome Outcome, ImmutableArray<string> On);

/// <summary>Why a command gets its verdict: what was read in it, what each rule said, who won, what is masked, and what is counted.</summary>
public sealed record PolicyExplanation(
    string Principal, string Resource, ImmutableArray<string> Effects, ImmutableArray<RuleTrace> Rules, Decision Decision, MaskSet Masks,
    ImmutableArray<Budget> Budgets)
{
    public static PolicyExplanation Of(PolicySnapshot snapshot, Facts facts, Principal principal, Resource resource, INameResolver? names)
    {
        var pairs = facts.Effects.SelectMany(Pairs).ToList();
        return new PolicyExplanation(
            principal.Name,
            resource.Name,
            [.. pairs.Select(static p => Describe(p.Effect, p.Target))],
            [.. snapshot.Rules.Select(r => Trace(r, pairs, principal, resource, names))],
            snapshot.Decide(facts, principal, resource, names),
            snapshot.MasksFor(principal, resource),
            snapshot.BudgetsFor(principal, resource));
    }

    /// <summary>The explanation as lines of text.</summary>
    public void Write(TextWriter output)
    {
        output.WriteLine($"{Principal} on {Resource}");
        output.WriteLine("reads as:");
        foreach (var effect in Effects)
            output.WriteLine($"  {effect}");
        output.WriteLine("rules:");
        foreach (var rule in Rules)
            output.WriteLine($"  {rule.Rule} ({RuleWords.Verdict(rule.Then)}{(rule.Observes ? ", observed only" : "")}): {Words(rule)}");
        output.WriteLine($"verdict: {RuleWords.Verdict(Decision.Kind)} by {Decision.Rule}");
        if (Decision.Message is { } message)
            output.WriteLine($"  {message}");
        if (Decision.Alternative is { } alternative)
            output.WriteLine($"  instead: {alternative}");
        if (!Decision.Observed.IsEmpty)
            output.WriteLine($"  observed: {string.Join(", ", Decision.Observed)}");
        foreach (var mask in Masks.Columns)
            output.WriteLine($"mask: {mask.Schema}.{mask.Relation}.{mask.Column} {RuleWords.Mask(mask.Mask)} by {mask.Rule}");
        if (Masks.Detectors != Detectors.None)
            output.WriteLine($"mask: whatever looks like {RuleWords.Detectors(Masks.Detectors)} {RuleWords.Mask(Masks.DetectorMask)}");
        foreach (var budget in Budgets)
            output.WriteLine($"budget: {RuleWords.Budget(budget)} by {budget.Name}{(budget.Observes ? ", observed only" : "")}");
    }

    private static string Words(RuleTrace rule) => rule.Outcome switch
    {
        RuleOutcome.Matched => $"matches {string.Join("; ", rule.On)}",
        RuleOutcome.OtherResource => "is for other resources",
        RuleOutcome.OtherPrincipal => "is not about this principal",
        RuleOutcome.OtherEffect => "is about other effects",
        _ => "its condition is not met",
    };

    private static string Describe(Effect effect, EffectObject? target)
    {
        var where = effect.Where == WhereClause.Present ? " with where" : "";
        return $"{RuleWords.Effect(effect, target)}{where}{(effect.Detail is { } detail ? $": {detail}" : "")}";
    }

    private static IEnumerable<(Effect Effect, EffectObject? Target)> Pairs(Effect effect) =>
        effect.Objects.IsEmpty ? [(effect, null)] : effect.Objects.Select(o => (effect, (EffectObject?)o));

    private static RuleTrace Trace(
        Rule rule, List<(Effect Effect, EffectObject? Target)> pairs, Principal principal, Resource resource, INameResolver? names)
    {
        var meanings = new NameMeanings(names);
        var matched = ImmutableArray.CreateBuilder<string>();
        var outcome = RuleOutcome.OtherEffect;
        if (!rule.On.Matches(resource))
            outcome = RuleOutcome.OtherResource;
        else if (!rule.IsAbout(principal))
            outcome = RuleOutcome.OtherPrincipal;
        else
        {
            foreach (var (effect, target) in pairs.Where(p => rule.MatchesDo(p.Effect)))
            {
                outcome = RuleOutcome.ConditionNotMet;
                if (rule.Matches(effect, target, ref meanings))
                    matched.Add(RuleWords.Effect(effect, target));
            }
        }
        if (matched.Count > 0)
            outcome = RuleOutcome.Matched;
        return new RuleTrace(rule.Name, rule.Then, rule.Observes, outcome, matched.ToImmutable());
    }
}
