namespace Sallyport.Core;

/// <summary>Why a session could not be opened. All but <see cref="Opened"/> leave nothing behind.</summary>
public enum SessionOpenOutcome : byte
{
    Opened,

    /// <summary>The principal may not use the resource, or there is no such resource: one answer for both.</summary>
    Forbidden,

    /// <summary>The cap on sessions is reached.</summary>
    TooMany,

    /// <summary>The recorder cannot take a new session (disk watermark, failed device).</summary>
    CannotRecord,

    /// <summary>The gateway is shutting down.</summary>
    Stopping,
}

/// <summary>An opened session, or why there is none. <see cref="Reason"/> is for the log.</summary>
public readonly record struct SessionOpening(SessionOpenOutcome Outcome, Session? Session, string? Reason);

/// <summary>
/// The one place where a session begins and ends, for every protocol: policy admits, caps hold, the recording starts, the
/// store and the registry know it; and all of it undone by <see cref="CloseAsync"/>.
/// </summary>
public interface ISessionOpener
{
    ValueTask<SessionOpening> OpenAsync(Principal principal, string resource, ResourceKind kind, string client,
        CancellationToken cancellationToken);

    ValueTask CloseAsync(Session session, SessionEnd end, string? detail);
}
