using System.Collections.Immutable;
using Sallyport.Core;

namespace Sallyport.Policy.Rules;

/// <summary>One rule of the file, compiled. Immutable. <see cref="Index"/> is its place in the file, from 0.</summary>
internal sealed record Rule
{
    public required int Index { get; init; }

    public required string Name { get; init; }

    public required ImmutableArray<WhoSelector> Who { get; init; }

    public ImmutableArray<WhoSelector> Except { get; init; } = [];

    public required OnSelector On { get; init; }

    /// <summary>
    /// Null when the rule says nothing of what is done. Then a rule that denies means everything; one that allows everything but
    /// <c>opaque</c>; one that holds everything but <c>opaque</c>, <c>session</c> and <c>transaction</c>. A condition on the exact
    /// <c>line</c> stands for <c>opaque</c> too: whoever wrote it has read it.
    /// </summary>
    public DoSelector? Do { get; init; }

    public ObjectConditions If { get; init; } = ObjectConditions.None;

    public required DecisionKind Then { get; init; }

    public HoldTerms? Terms { get; init; }

    /// <summary>The rule's <c>message</c>, or else its <c>note</c>.</summary>
    public string? Message { get; init; }

    /// <summary><c>mode: observe</c>.</summary>
    public bool Observes { get; init; }

    /// <summary><c>shell: command-mode</c>: shells that the rule allows are the gateway's own.</summary>
    public bool IsCommandMode { get; init; }

    public bool IsAbout(Principal principal) => Who.Any(w => w.Matches(principal)) && !Except.Any(w => w.Matches(principal));

    public bool AppliesTo(Principal principal, Resource resource) => On.Matches(resource) && IsAbout(principal);

    public bool MatchesDo(Effect effect)
    {
        if (Do is { } named)
            return named.Matches(effect, Then);
        return Then switch
        {
            DecisionKind.Deny => true,
            DecisionKind.Allow => effect.Kind != EffectKind.Opaque || If.Line is not null,
            _ when effect.Kind == EffectKind.Opaque => If.Line is not null,
            _ => effect.Kind is not (EffectKind.Session or EffectKind.Transaction),
        };
    }

    /// <summary>Whether the rule matches that effect on that object; allowing rules must fit every meaning of a name.</summary>
    public bool Matches(Effect effect, EffectObject? target, ref NameMeanings names) =>
        MatchesDo(effect) && If.Match(effect, target, ref names, all: Then == DecisionKind.Allow);
}
