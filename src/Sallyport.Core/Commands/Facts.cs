using System.Collections.Immutable;

namespace Sallyport.Core;

/// <summary>
/// What reading a command found: the set of everything it does, wherever in it. A function of the command's bytes alone, so it
/// can be shared by all sessions. Immutable; protocol projects derive their own with what their masking needs.
/// </summary>
public class Facts
{
    public Facts(ImmutableArray<Effect> effects)
    {
        Effects = effects;
        IsOpaque = effects.Any(static e => e.Kind == EffectKind.Opaque);
    }

    public ImmutableArray<Effect> Effects { get; }

    /// <summary>True when a part could not be read to the end.</summary>
    public bool IsOpaque { get; }

    /// <summary>
    /// A place for the decider's memo of the last verdicts on these facts. Opaque to everybody else; reads and writes are
    /// atomic references, a lost write costs one decision.
    /// </summary>
    public object? VerdictMemo { get; set; }
}
