using System.Collections.Immutable;

namespace Sallyport.Core;

/// <summary>Ordered by strictness: the strictest wins.</summary>
public enum DecisionKind : byte
{
    Allow,
    Hold,
    Deny,
}

/// <summary>How a held command may be let go; from the rule that held it.</summary>
public sealed record HoldTerms
{
    /// <summary>The groups (or <c>user:name</c>) whose members may decide. Empty: nobody can, so the rule is refused at load.</summary>
    public required ImmutableArray<string> Approvers { get; init; }

    /// <summary>How many distinct people must approve.</summary>
    public int Count { get; init; } = 1;

    /// <summary>How long it waits before it expires.</summary>
    public TimeSpan Within { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long it may wait while the session's transaction keeps locks; zero refuses with a ticket there.</summary>
    public TimeSpan WithinTransaction { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Refuse at once with a hold id; the same command passes once after it was approved.</summary>
    public bool Ticket { get; init; }
}

/// <summary>
/// A verdict. Immutable and made when the snapshot is compiled, not per command, wherever it can be: allowing allocates nothing.
/// </summary>
public sealed record Decision(DecisionKind Kind, string Rule)
{
    /// <summary>Shown to the client and the approver: the rule's <c>message</c> or <c>note</c>.</summary>
    public string? Message { get; init; }

    /// <summary>Present when <see cref="Kind"/> is <see cref="DecisionKind.Hold"/>.</summary>
    public HoldTerms? Hold { get; init; }

    /// <summary>
    /// A shell that passes is the gateway's own, which has each line decided (<c>shell: command-mode</c>): so says one of the rules that
    /// allow it, at least.
    /// </summary>
    public bool IsCommandMode { get; init; }

    /// <summary>What rules in <c>mode: observe</c> would have done: <c>deny by new-rule</c>. Recorded, not enforced.</summary>
    public ImmutableArray<string> Observed { get; init; } = [];

    /// <summary>What would be allowed instead, in words, for the client's hint. Null when there is nothing to say.</summary>
    public string? Alternative { get; init; }

    /// <summary>The first 16 hex digits of the policy's SHA-256.</summary>
    public string Snapshot { get; init; } = "";

    /// <summary><see cref="Rule"/> when no rule matched.</summary>
    public const string NoRule = "(no rule)";
}
