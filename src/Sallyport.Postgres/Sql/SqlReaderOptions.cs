namespace Sallyport.Postgres.Sql;

/// <summary>How an <see cref="SqlReader"/> is made. The defaults suit one gateway per machine.</summary>
public sealed class SqlReaderOptions
{
    /// <summary>Where the compiled grammar is kept between starts (about 4 MB); null compiles at each start (about one second).</summary>
    public string? CacheFolder { get; init; } = DefaultCacheFolder();

    /// <summary>The longest text that is read, in bytes; a longer one is opaque.</summary>
    public int MaximumText { get; init; } = 4 << 20;

    /// <summary>The room for facts that were read before, in bytes; without any, each text is read again.</summary>
    public long CacheBytes { get; init; } = 64L << 20;

    /// <summary>The longest a single parse may take.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Drives the time limit.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    private static string? DefaultCacheFolder()
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData);
        return home.Length == 0 ? null : Path.Combine(home, "sallyport", "grammar");
    }
}
