using Sallyport.Core;

namespace Sallyport.Admin;

/// <summary>A session as the admin API shows it.</summary>
internal sealed record SessionMessage
{
    public required string Id { get; init; }

    public required string Principal { get; init; }

    public string? OnBehalfOf { get; init; }

    public required string Resource { get; init; }

    public required string Protocol { get; init; }

    public required string Client { get; init; }

    public required DateTimeOffset OpenedAt { get; init; }

    /// <summary>Null while it lives.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    public string? End { get; init; }

    public static SessionMessage From(StoredSession session) => new()
    {
        Id = session.Id.ToString(),
        Principal = session.Principal,
        OnBehalfOf = session.OnBehalfOf,
        Resource = session.Resource,
        Protocol = session.Protocol,
        Client = session.Client,
        OpenedAt = session.OpenedAt,
        EndedAt = session.EndedAt,
        End = session.End,
    };
}

/// <summary>Asks to end a session; the reason is shown to its client and recorded.</summary>
internal sealed record KillRequest(string? Reason);

/// <summary>False when it had ended by itself.</summary>
internal sealed record KillAnswer(bool Killed);
