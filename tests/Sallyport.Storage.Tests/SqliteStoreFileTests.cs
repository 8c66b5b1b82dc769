using Microsoft.Data.Sqlite;
using Sallyport.Core;

namespace Sallyport.Storage.Tests;

public sealed class SqliteStoreFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string FilePath => _folder.File("data/state.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public async Task OnlyTheOwnerMayReadTheFilesAndTheFolder()
    {
        await using var store = Open();
        await store.Sessions.OpenedAsync(Samples.Session("ana", "shop", Samples.Noon), CancellationToken.None);
        const UnixFileMode ReadWrite = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Assert.Equal(ReadWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(FilePath)!));
        Assert.All(Directory.GetFiles(Path.GetDirectoryName(FilePath)!), static f => Assert.Equal(ReadWrite, File.GetUnixFileMode(f)));
    }

    [Fact]
    public async Task SecondGatewayIsRefusedByTheFirstOnesProcessIdWhileReadingGoesOn()
    {
        using var child = CrashingChild.Start(FilePath);
        try
        {
            Assert.True(SessionId.TryParse(await child.StandardOutput.ReadLineAsync(), out var written));

            var second = SqliteStore.Open(FilePath, TimeProvider.System);
            Assert.Equal((StoreOpenOutcome.Locked, null), (second.Outcome, second.Store));
            Assert.Contains($"locked by process {child.Id}", second.Message, StringComparison.Ordinal);

            await using var reader = SqliteStore.OpenReadOnly(FilePath).Store!;
            Assert.NotNull(await reader.Sessions.FindAsync(written, CancellationToken.None));
        }
        finally
        {
            child.Kill();
            await child.WaitForExitAsync();
        }
    }

    [Fact]
    public async Task KilledGatewayLosesNothingThatItSaidWasWritten()
    {
        var acknowledged = new List<SessionId>();
        using (var child = CrashingChild.Start(FilePath))
        {
            while (acknowledged.Count < 50)
            {
                Assert.True(SessionId.TryParse(await child.StandardOutput.ReadLineAsync(), out var id));
                acknowledged.Add(id);
            }
            child.Kill();
            while (await child.StandardOutput.ReadLineAsync() is { } line)
            {
                if (SessionId.TryParse(line, out var id))
                    acknowledged.Add(id);
            }
            await child.WaitForExitAsync();
        }

        await using var store = Open();
        var orphans = await store.Sessions.EndOrphansAsync(Samples.Noon, "Interrupted", CancellationToken.None);
        Assert.Subset(orphans.Select(static s => s.Id).ToHashSet(), acknowledged.ToHashSet());
    }

    [Fact]
    public async Task StoreOpenedForReadingRefusesToWrite()
    {
        await Open().DisposeAsync();
        await using var reader = SqliteStore.OpenReadOnly(FilePath).Store!;
        var session = Samples.Session("ana", "shop", Samples.Noon);
        var refused = await Assert.ThrowsAsync<StoreException>(async () =>
            await reader.Sessions.OpenedAsync(session, CancellationToken.None));
        Assert.Equal(StoreFault.NotWritable, refused.Fault);
    }

    [Fact]
    public async Task ClosedStoreFreesItsLockAndRefusesToWrite()
    {
        var closed = Open();
        await closed.DisposeAsync();
        await Open().DisposeAsync();
        var session = Samples.Session("ana", "shop", Samples.Noon);
        var refused = await Assert.ThrowsAsync<StoreException>(async () =>
            await closed.Sessions.OpenedAsync(session, CancellationToken.None));
        Assert.Equal(StoreFault.Closed, refused.Fault);
    }

    [Fact]
    public void FileThatIsNoDatabaseIsCorrupted()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(FilePath)!);
        File.WriteAllBytes(FilePath, [.. Enumerable.Repeat((byte)'x', 8192)]);
        AssertRefused(StoreOpenOutcome.Corrupted, SqliteStore.Open(FilePath, TimeProvider.System));
        AssertRefused(StoreOpenOutcome.Corrupted, SqliteStore.OpenReadOnly(FilePath));
    }

    [Fact]
    public async Task OverwrittenPageIsCorrupted()
    {
        await Open().DisposeAsync();
        using (var file = File.OpenWrite(FilePath))
        {
            file.Position = 4096;
            file.Write([.. Enumerable.Repeat((byte)0xA5, 4096)]);
        }
        AssertRefused(StoreOpenOutcome.Corrupted, SqliteStore.Open(FilePath, TimeProvider.System));
    }

    [Fact]
    public async Task SchemaOfALaterVersionIsRefusedAndLeftAlone()
    {
        await Open().DisposeAsync();
        using (var connection = new SqliteConnection($"Data Source={FilePath};Pooling=False"))
        {
            connection.Open();
            connection.Execute(null, "INSERT INTO migrations VALUES (999, '2030')");
        }
        AssertRefused(StoreOpenOutcome.NewerSchema, SqliteStore.Open(FilePath, TimeProvider.System));
        AssertRefused(StoreOpenOutcome.NewerSchema, SqliteStore.OpenReadOnly(FilePath));
    }

    [Fact]
    public void FolderThatCannotBeMadeAndFileThatIsAFolderAreNotWritable()
    {
        File.WriteAllText(_folder.File("plain"), "");
        AssertRefused(StoreOpenOutcome.NotWritable, SqliteStore.Open(_folder.File("plain/state.db"), TimeProvider.System));
        Directory.CreateDirectory(FilePath);
        AssertRefused(StoreOpenOutcome.NotWritable, SqliteStore.Open(FilePath, TimeProvider.System));
    }

    [Fact]
    public void MissingFileIsSaidToBeMissingWhenReading() =>
        AssertRefused(StoreOpenOutcome.Missing, SqliteStore.OpenReadOnly(FilePath));

    [Fact]
    public async Task FullDiskFailsTheChangeAndShowsUntilAChangeSucceeds()
    {
        // SQLite's own SQLITE_FULL, from a limit on its pages instead of the disk's.
        var connection = new SqliteConnection($"Data Source={_folder.File("full.db")};Pooling=False");
        connection.Open();
        connection.Execute(null, "CREATE TABLE t (x BLOB); PRAGMA max_page_count = 16");
        await using var writer = new SqliteWriter(connection);

        var refused = await Assert.ThrowsAsync<StoreException>(async () => await Insert(1_000_000));
        Assert.Equal(StoreFault.DiskFull, refused.Fault);
        Assert.NotNull(writer.Fault);

        Assert.Equal(1, await Insert(10));
        Assert.Null(writer.Fault);

        ValueTask<int> Insert(int size) => writer.WriteAsync(
            (c, t) => c.Execute(t, "INSERT INTO t VALUES (zeroblob($size))", ("$size", size)), CancellationToken.None);
    }

    private SqliteStore Open()
    {
        var opened = SqliteStore.Open(FilePath, TimeProvider.System);
        Assert.True(opened.IsOpen, opened.Message);
        return opened.Store;
    }

    private void AssertRefused(StoreOpenOutcome expected, StoreOpenResult result)
    {
        Assert.Equal((expected, null), (result.Outcome, result.Store));
        Assert.Contains(_folder.File(""), result.Message, StringComparison.Ordinal);
    }
}
