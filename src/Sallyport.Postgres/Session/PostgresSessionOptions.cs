namespace Sallyport.Postgres.Session;

/// <summary>Limits and times of PostgreSQL sessions. Immutable.</summary>
public sealed record PostgresSessionOptions
{
    /// <summary>From the connection's first byte to ReadyForQuery.</summary>
    public TimeSpan StartupDeadline { get; init; } = TimeSpan.FromSeconds(10);

    public TimeSpan UpstreamDeadline { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>The longest message that is read whole: a Query, Parse, Bind. COPY data is not bounded by it. Its record must fit into a quarter of the ring.</summary>
    public int MaxMessageBytes { get; init; } = 12 * 1024 * 1024;

    /// <summary>A row up to this long is masked whole; a longer one is masked as it streams by, at its own length.</summary>
    public int MaxWholeRowBytes { get; init; } = 256 * 1024;

    /// <summary>Connections that are not logged in yet, per source address and in total.</summary>
    public int MaxStartingPerSource { get; init; } = 64;

    public int MaxStarting { get; init; } = 1024;

    /// <summary>How often a held client hears that it is still held.</summary>
    public TimeSpan HoldHeartbeat { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How old the catalogue may grow before it is read again.</summary>
    public TimeSpan CatalogueAge { get; init; } = TimeSpan.FromSeconds(30);

    public TimeSpan EstimateDeadline { get; init; } = TimeSpan.FromSeconds(2);
}
