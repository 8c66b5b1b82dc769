using System.Collections.Immutable;

namespace Sallyport.Core;

/// <summary>Where a hold stands. Every hold ends in exactly one of the states after <see cref="Waiting"/>.</summary>
public enum HoldState : byte
{
    Waiting,
    Approved,
    Modified,
    Rejected,
    Expired,

    /// <summary>Taken back: the client cancelled or went away, the session was killed.</summary>
    Withdrawn,

    /// <summary>A ticket that was approved and then used by its command.</summary>
    Used,
}

/// <summary>
/// A parameter as an approver reads it: decoded to text, control characters not yet escaped. Null <see cref="Text"/> is SQL NULL.
/// </summary>
public sealed record HoldParameter(string Type, string? Text);

/// <summary>
/// A command that waits for people, whole: what they see is what runs. <see cref="Hash"/> is SHA-256 over the exact text, the
/// parameters' bytes and formats, the resource and the principal.
/// </summary>
public sealed record Hold
{
    /// <summary>Short and unguessable enough to say aloud: <c>h-</c> and 8 characters of Crockford base32.</summary>
    public required string Id { get; init; }

    public required SessionId Session { get; init; }

    public required Principal Principal { get; init; }

    public required string Resource { get; init; }

    public required string Protocol { get; init; }

    public required string Client { get; init; }

    /// <summary>The exact text of the command.</summary>
    public required string Text { get; init; }

    public ImmutableArray<HoldParameter> Parameters { get; init; } = [];

    public required ImmutableArray<byte> Hash { get; init; }

    public required string Rule { get; init; }

    public string? Note { get; init; }

    public required HoldTerms Terms { get; init; }

    public bool InTransaction { get; init; }

    /// <summary>A ticket: nobody waits, the command may pass once later.</summary>
    public bool IsTicket { get; init; }

    public required DateTimeOffset AskedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The session's last commands, oldest first, with their decisions: <c>allow  select …</c>.</summary>
    public ImmutableArray<string> History { get; init; } = [];

    /// <summary>What the upstream itself estimates, in words (<c>about 1,204 rows of public.orders</c>), or null.</summary>
    public string? Estimate { get; init; }

    /// <summary>A grant for "like this" compares it: the command's effects, verbs and objects, not its literals.</summary>
    public required string Shape { get; init; }
}

/// <summary>What became of a hold. <see cref="By"/> are the people who decided, in order.</summary>
public sealed record HoldOutcome(HoldState State, ImmutableArray<string> By, string? Reason = null, string? ModifiedText = null);
