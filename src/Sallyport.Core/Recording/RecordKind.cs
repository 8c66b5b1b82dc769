namespace Sallyport.Core;

/// <summary>What a record holds. The values are part of the segment format: never renumber.</summary>
public enum RecordKind : byte
{
    /// <summary>JSON: principal, resource, client, protocol, gateway version.</summary>
    SessionOpened = 1,

    /// <summary>A command with its decision, in the layout of <see cref="CommandRecord"/>.</summary>
    Command = 2,

    /// <summary>JSON: what became of a hold (id, outcome, by whom, reason, text after modify).</summary>
    HoldOutcome = 3,

    /// <summary>Bytes to the client, exactly as it saw them (masked), in the protocol's own framing; cut anywhere.</summary>
    Answer = 4,

    /// <summary>JSON: anything else worth knowing (policy observed, violation, cancel, protocol error).</summary>
    Event = 5,

    /// <summary>JSON: why it ended, counters.</summary>
    SessionClosed = 6,

    /// <summary>JSON: the gateway died here; written by the next start.</summary>
    Interrupted = 7,

    /// <summary>Bytes from the client that are not commands (COPY data, terminal input), in the protocol's own framing.</summary>
    Input = 8,
}

/// <summary>When a record counts as safe, so that what it tells of may pass.</summary>
public enum Durability : byte
{
    /// <summary>In the memory-mapped ring: survives the death of the gateway, not of the machine.</summary>
    Buffered,

    /// <summary>On the device (fdatasync, group commit).</summary>
    Durable,
}

public enum RecordOutcome : byte
{
    Taken,

    /// <summary>The ring has no room now: wait with <see cref="ISessionRecorder.WaitForRoomAsync"/>, then try again.</summary>
    Full,

    /// <summary>The recorder cannot take records any more. Strict: the command does not pass and the session ends.</summary>
    Failed,
}
