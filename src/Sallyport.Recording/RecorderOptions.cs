namespace Sallyport.Recording;

/// <summary>Where recordings live and how much room they may take. Sizes in bytes.</summary>
public sealed record RecorderOptions
{
    /// <summary>Holds <c>ring</c>, <c>reserve</c>, <c>lock</c>, <c>segments/</c>, and by default the key and the log of heads.</summary>
    public required string Folder { get; init; }

    /// <summary>A multiple of 64 and at least 1 MiB. A record can be a quarter of it at most.</summary>
    public long RingBytes { get; init; } = 64L << 20;

    /// <summary>A segment is sealed once it is longer.</summary>
    public long SegmentBytes { get; init; } = 256L << 20;

    /// <summary>With less than this free on the device no new session is let in.</summary>
    public long MinimumFreeBytes { get; init; } = 1L << 30;

    /// <summary>Allocated in advance and given up when the device is full, so that running sessions can finish.</summary>
    public long ReservedBytes { get; init; } = 64L << 20;

    /// <summary>How long a record may stay in the ring before it is written to the segment.</summary>
    public TimeSpan FlushInterval { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>PEM of the signing key; null means <c>recording.key</c> in the folder.</summary>
    public string? KeyFile { get; init; }

    /// <summary>The log of heads; null means <c>heads.log</c> in the folder. Better on another device.</summary>
    public string? HeadsLog { get; init; }

    internal string KeyPath => KeyFile ?? Path.Combine(Folder, "recording.key");

    internal string HeadsPath => HeadsLog ?? Path.Combine(Folder, "heads.log");
}

/// <summary>How the opening of a recorder went.</summary>
public enum RecorderOpenOutcome : byte
{
    Opened,

    /// <summary>Another process records into the folder.</summary>
    Locked,

    /// <summary>An option makes no sense.</summary>
    BadOptions,

    /// <summary>The folder, the key or what the last run left cannot be read or written.</summary>
    Failed,
}

/// <summary>The opened recorder, or in words why there is none; after a crash also what was recovered.</summary>
public sealed record RecorderOpenResult(RecorderOpenOutcome Outcome, Recorder? Recorder, string? Message);
