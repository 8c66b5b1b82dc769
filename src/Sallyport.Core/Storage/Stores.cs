namespace Sallyport.Core;

/// <summary>One issued secret: who it proves and its SCRAM verifier. The secret itself is not stored anywhere.</summary>
public sealed record StoredSecret
{
    /// <summary><c>s-</c> and 8 characters of Crockford base32; names the secret in lists and on revocation.</summary>
    public required string Id { get; init; }

    /// <summary>The login name, lower case.</summary>
    public required string Login { get; init; }

    /// <summary>16 bytes, the same for all secrets of one login.</summary>
    public required byte[] Salt { get; init; }

    public required int Iterations { get; init; }

    public required byte[] StoredKey { get; init; }

    public required byte[] ServerKey { get; init; }

    /// <summary>Resources it is scoped to; empty means all.</summary>
    public required IReadOnlyList<string> Scope { get; init; }

    public required DateTimeOffset IssuedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public DateTimeOffset? RevokedAt { get; init; }

    /// <summary>Good for one login.</summary>
    public bool IsOneTime { get; init; }

    /// <summary>When that was; the session it opened goes on.</summary>
    public DateTimeOffset? SpentAt { get; init; }
}

/// <summary>Persists verifiers of issued secrets.</summary>
public interface ISecretStore
{
    ValueTask AddAsync(StoredSecret secret, CancellationToken cancellationToken);

    /// <summary>All secrets that are neither revoked nor expired at <paramref name="now"/>, newest first.</summary>
    ValueTask<IReadOnlyList<StoredSecret>> ListLiveAsync(DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>False when there is no such live secret.</summary>
    ValueTask<bool> RevokeAsync(string id, DateTimeOffset at, CancellationToken cancellationToken);

    /// <summary>True for the one call that spends a live secret that is good for one login.</summary>
    ValueTask<bool> TrySpendAsync(string id, DateTimeOffset at, CancellationToken cancellationToken);
}

/// <summary>A session as the list shows it. <see cref="EndedAt"/> is null while it lives.</summary>
public sealed record StoredSession
{
    public required SessionId Id { get; init; }

    public required string Principal { get; init; }

    public string? OnBehalfOf { get; init; }

    public required string Resource { get; init; }

    public required string Protocol { get; init; }

    public required string Client { get; init; }

    public required DateTimeOffset OpenedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    public string? End { get; init; }
}

/// <summary>Persists the session index. The segments are the truth: this can be rebuilt from them.</summary>
public interface ISessionStore
{
    ValueTask OpenedAsync(StoredSession session, CancellationToken cancellationToken);

    ValueTask EndedAsync(SessionId id, DateTimeOffset at, string end, CancellationToken cancellationToken);

    /// <summary>Newest first; <paramref name="principal"/> and <paramref name="resource"/> filter when not null.</summary>
    ValueTask<IReadOnlyList<StoredSession>> ListAsync(string? principal, string? resource, bool liveOnly, int limit,
        CancellationToken cancellationToken);

    ValueTask<StoredSession?> FindAsync(SessionId id, CancellationToken cancellationToken);

    /// <summary>Sessions without an end, at start: the gateway died in them. Marks them ended and answers them.</summary>
    ValueTask<IReadOnlyList<StoredSession>> EndOrphansAsync(DateTimeOffset at, string end, CancellationToken cancellationToken);
}

/// <summary>A hold with its outcome so far; <see cref="DecidedBy"/> grows with each approver.</summary>
public sealed record StoredHold(Hold Hold, HoldState State, IReadOnlyList<string> DecidedBy, string? Reason, string? ModifiedText,
    DateTimeOffset? EndedAt);

/// <summary>Persists holds and tickets.</summary>
public interface IHoldStore
{
    ValueTask AddAsync(Hold hold, CancellationToken cancellationToken);

    ValueTask UpdateAsync(StoredHold hold, CancellationToken cancellationToken);

    ValueTask<StoredHold?> FindAsync(string id, CancellationToken cancellationToken);

    /// <summary>Newest first; only those in <paramref name="state"/> when it is not null.</summary>
    ValueTask<IReadOnlyList<StoredHold>> ListAsync(HoldState? state, int limit, CancellationToken cancellationToken);
}

/// <summary>Where a session's records are: one row per segment that has any.</summary>
public sealed record SegmentSpan(SessionId Session, string Segment, long FirstOffset, long LastOffset);

/// <summary>Persists the segments index. Rebuilt from the segments when lost.</summary>
public interface ISegmentIndexStore
{
    ValueTask UpsertAsync(IReadOnlyList<SegmentSpan> spans, CancellationToken cancellationToken);

    /// <summary>In the order of the segments.</summary>
    ValueTask<IReadOnlyList<SegmentSpan>> FindAsync(SessionId session, CancellationToken cancellationToken);

    ValueTask ClearAsync(CancellationToken cancellationToken);
}
