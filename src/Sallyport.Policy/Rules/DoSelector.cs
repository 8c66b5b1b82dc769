using System.Collections.Immutable;
using Sallyport.Core;

namespace Sallyport.Policy.Rules;

/// <summary>
/// What is done: kinds of effect (a bit per <see cref="EffectKind"/>) and verbs, of which any may match. A verb never stands for
/// an opaque effect in a rule that lets things pass: <c>opaque</c> itself must be named.
/// </summary>
internal sealed record DoSelector(int Kinds, ImmutableArray<Glob> Verbs)
{
    public bool NamesKind(EffectKind kind) => (Kinds & (1 << (int)kind)) != 0;

    public bool Matches(Effect effect, DecisionKind then)
    {
        if (NamesKind(effect.Kind))
            return true;
        if (effect.Kind == EffectKind.Opaque && then != DecisionKind.Deny)
            return false;
        foreach (var verb in Verbs)
        {
            if (verb.Matches(effect.Verb))
                return true;
        }
        return false;
    }

    public bool Includes(DoSelector other) =>
        (other.Kinds & ~Kinds) == 0 && other.Verbs.All(v => Verbs.Any(mine => mine.Text == v.Text));
}
