using System.Collections.Immutable;

namespace Sallyport.Core;

/// <summary>What a client asks, with the verdict on it. Protocols derive their own.</summary>
/// <param name="Text">The exact text.</param>
/// <param name="Verdict">What was decided.</param>
public abstract record AskedCommand(ReadOnlyMemory<byte> Text, Decision Verdict)
{
    /// <summary>What makes it "like" another one, for grants (<see cref="CommandShape"/>).</summary>
    public abstract string Shape { get; }

    /// <summary>The parameters as an approver reads them.</summary>
    public virtual ImmutableArray<HoldParameter> HoldParameters => [];

    /// <summary>Adds the text and the parameters to what an approval binds to.</summary>
    public virtual void AddTo(CommandHash hash) => hash.AddText(Text.Span);
}

/// <summary>Whether a command may go on, and as what.</summary>
public readonly record struct Passage<TCommand, TRefusal>
{
    /// <summary>The session is over; nothing is to be sent.</summary>
    public bool IsOver { get; init; }

    /// <summary>Refused with these words.</summary>
    public TRefusal? Refusal { get; init; }

    /// <summary>What passes: what was asked, or what an approver made of it.</summary>
    public TCommand? Command { get; init; }

    /// <summary>The text is an approver's.</summary>
    public bool IsModified { get; init; }
}
