namespace Sallyport.Postgres.Session;

/// <summary>Limits and times of PostgreSQL sessions. Immutable.</summary>
public sealed record PostgresSessionOptions
{
    /// <summary>From the connection's first byte to ReadyForQuery.</summary>
    public TimeSpan StartupDeadline { get; init; } = TimeSpan.FromSeconds(10);

    public TimeSpan UpstreamDeadline { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>
    /// The longest message that is read whole: a Query, Parse, Bind. COPY data is not bounded by it. Its record must fit into a quarter
    /// of the ring.
    /// </summary>
    public int MaxMessageBytes { get; init; } = 12 * 1024 * 1024;

    /// <summary>A row up to this long is masked whole; a longer one is masked as it streams by, at its own length.</summary>
    public int MaxWholeRowBytes { get; init; } = 256 * 1024;

    /// <summary>
    /// Connections of one source address that are not logged in yet. A silent one costs little and is gone at
    /// <see cref="StartupDeadline"/>, while a pool that opens all its connections at once is ordinary: so hundreds may be starting,
    /// and a few hundred that stall do not lock out the others of their address. Beyond it only that address waits.
    /// </summary>
    public int MaxStartingPerSource { get; init; } = 550;

    /// <summary>Of all sources together: more than any few of them can fill.</summary>
    public int MaxStarting { get; init; } = 8192;

    /// <summary>Proofs of one source that may be wrong at once; then one in each <see cref="WrongProofRefill"/>.</summary>
    public int WrongProofsPerSource { get; init; } = 30;

    public TimeSpan WrongProofRefill { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often a held client hears that it is still held.</summary>
    public TimeSpan HoldHeartbeat { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How old the catalogue may grow before it is read again.</summary>
    public TimeSpan CatalogueAge { get; init; } = TimeSpan.FromSeconds(30);

    public TimeSpan EstimateDeadline { get; init; } = TimeSpan.FromSeconds(2);
}
