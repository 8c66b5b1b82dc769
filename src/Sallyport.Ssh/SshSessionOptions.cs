namespace Sallyport.Ssh;

/// <summary>Limits and deadlines of SSH connections.</summary>
public sealed record SshSessionOptions
{
    /// <summary>From the first byte to the open session (sshd's LoginGraceTime).</summary>
    public TimeSpan LoginGrace { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>To connect, exchange keys and log in at the target.</summary>
    public TimeSpan UpstreamDeadline { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How often a client whose command waits is told so.</summary>
    public TimeSpan HoldHeartbeat { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Takes clients without strict key exchange on algorithms that CVE-2023-48795 attacks. Said in the log each time.</summary>
    public bool AllowsTerrapin { get; init; }

    public int MaxStarting { get; init; } = 500;

    public int MaxStartingPerSource { get; init; } = 64;

    /// <summary>Connections to one target for clients that have not proved anything yet; sshd's MaxStartups begins to drop at 10.</summary>
    public int MaxEarlyDials { get; init; } = 8;

    public int WrongProofsPerSource { get; init; } = 30;

    public TimeSpan WrongProofRefill { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Channels that one connection may have at a time.</summary>
    public int MaxChannels { get; init; } = 64;
}
