using System.Collections.Immutable;
using Sallyport.Core;
using Sallyport.Policy.Rules;

namespace Sallyport.Policy.Deciding;

/// <summary>
/// The verdict on one command. Each pair of an effect and one of its objects (or the effect alone, when it has none) is judged by
/// itself: the strictest rule that matches it, or deny when none does. The command gets the strictest verdict of its pairs. So a
/// rule that denies or holds needs to match one pair, rules that allow must together cover all, and what no rule lets pass cannot
/// ride on what is held.
/// </summary>
internal ref struct Judge
{
    private readonly RuleView _view;
    private NameMeanings _names;
    private Rule? _deny;
    private Rule? _hold;
    private Rule? _allow;
    private Effect? _bare;
    private EffectObject? _bareObject;
    private bool _isCommandMode;

    private Judge(RuleView view, INameResolver? names)
    {
        _view = view;
        _names = new NameMeanings(names);
    }

    /// <param name="facts">What the command does.</param>
    /// <param name="view">The rules that concern who asks.</param>
    /// <param name="names">How unqualified names resolve.</param>
    /// <param name="namesMattered">False when the verdict is the same for every <paramref name="names"/>.</param>
    public static Decision Decide(Facts facts, RuleView view, INameResolver? names, out bool namesMattered)
    {
        var judge = new Judge(view, names);
        foreach (var effect in facts.Effects)
        {
            if (effect.Objects.IsEmpty)
                judge.Weigh(effect, null);
            foreach (var target in effect.Objects)
                judge.Weigh(effect, target);
        }
        var decision = judge.Conclude() with { Observed = judge.Observe(facts) };
        namesMattered = judge._names.Asked;
        return decision;
    }

    private void Weigh(Effect effect, EffectObject? target)
    {
        if (First(_view.Denies, effect, target) is { } deny)
            _deny = Earlier(_deny, deny);
        var held = false;
        foreach (var rule in _view.Holds)
        {
            if (!rule.Matches(effect, target, ref _names))
                continue;
            held = true;
            _hold = _hold is null || IsStricter(rule.Terms!, _hold.Terms!) ? rule : _hold;
        }
        _isCommandMode |= First(_view.CommandModes, effect, target) is not null;
        if (First(_view.Allows, effect, target) is { } allow)
            _allow = Earlier(_allow, allow);
        else if (!held && _bare is null && !RidesAlong(effect))
            (_bare, _bareObject) = (effect, target);
    }

    /// <summary>Who may do anything on a resource may control its transactions and its session settings.</summary>
    private readonly bool RidesAlong(Effect effect) =>
        _view.Admitting is not null && effect.Kind is (EffectKind.Session or EffectKind.Transaction);

    private readonly Decision Conclude()
    {
        if (_deny is not null)
            return Verdict(_deny, DecisionKind.Deny) with { Alternative = _view.Alternative };
        if (_bare is not null || _view.Admitting is null)
            return Unmatched();
        return Verdict(_hold ?? _allow ?? _view.Admitting!, _hold is null ? DecisionKind.Allow : DecisionKind.Hold);
    }

    private readonly Decision Unmatched()
    {
        var message = _bare switch
        {
            null => $"Nothing is allowed on {_view.Resource}.",
            { Kind: EffectKind.Opaque, Detail: { } detail } => $"The command could not be read to its end: {detail}.",
            { Kind: EffectKind.Opaque } => "The command could not be read to its end.",
            _ => $"No rule allows {RuleWords.Effect(_bare, _bareObject)}.",
        };
        return new Decision(DecisionKind.Deny, Decision.NoRule)
        {
            Message = message,
            Snapshot = _view.Snapshot,
            Alternative = _view.Alternative,
        };
    }

    private readonly Decision Verdict(Rule rule, DecisionKind kind) => new(kind, rule.Name)
    {
        Message = rule.Message,
        Hold = kind == DecisionKind.Hold ? rule.Terms : null,
        IsCommandMode = _isCommandMode,
        Snapshot = _view.Snapshot,
    };

    /// <summary>
    /// What rules in observe mode would have changed: denials and holds that match, and rules that allow something nothing
    /// enforced covers.
    /// </summary>
    private ImmutableArray<string> Observe(Facts facts)
    {
        if (_view.Observed.Length == 0)
            return [];
        var seen = ImmutableArray.CreateBuilder<string>();
        foreach (var rule in _view.Observed)
        {
            var changes = rule.Then == DecisionKind.Allow
                ? _bare is not null && rule.Matches(_bare, _bareObject, ref _names)
                : MatchesAny(rule, facts);
            if (changes)
                seen.Add($"{RuleWords.Verdict(rule.Then)} by {rule.Name}");
        }
        return seen.ToImmutable();
    }

    private bool MatchesAny(Rule rule, Facts facts)
    {
        foreach (var effect in facts.Effects)
        {
            if (effect.Objects.IsEmpty && rule.Matches(effect, null, ref _names))
                return true;
            foreach (var target in effect.Objects)
            {
                if (rule.Matches(effect, target, ref _names))
                    return true;
            }
        }
        return false;
    }

    private Rule? First(Rule[] rules, Effect effect, EffectObject? target)
    {
        foreach (var rule in rules)
        {
            if (rule.Matches(effect, target, ref _names))
                return rule;
        }
        return null;
    }

    private static Rule Earlier(Rule? left, Rule right) => left is null || right.Index < left.Index ? right : left;

    /// <summary>More people first, then the shorter wait; what is equal stays in file order.</summary>
    private static bool IsStricter(HoldTerms terms, HoldTerms than) =>
        terms.Count != than.Count ? terms.Count > than.Count : terms.Within < than.Within;
}
