using System.CommandLine;
using System.Runtime.CompilerServices;
using Sallyport.Core;
using Sallyport.Hosting;
using Sallyport.Hosting.Configuration;
using Sallyport.Recording.Replay;

namespace Sallyport.Cli.Sessions;

/// <summary>Recordings straight from the data folder, beside a gateway or without one.</summary>
internal sealed class FolderRecords : RecordSource
{
    private readonly RecordingReader _reader;

    public FolderRecords(string folder, TimeProvider time) => _reader = new RecordingReader(folder, null, time);

    public static FolderRecords Open(ParseResult parsed, TimeProvider time) => new(FolderOf(parsed), time);

    /// <summary>The recording folder of the configuration.</summary>
    /// <exception cref="CliFailure">The configuration is wrong, or nothing was recorded there.</exception>
    public static string FolderOf(ParseResult parsed)
    {
        try
        {
            var folder = ConfigurationFile.Load(parsed.GetValue(CommonOptions.Config)!).RecordingFolder;
            return Directory.Exists(folder)
                ? folder
                : throw new CliFailure(
                    ExitCode.CannotUseFiles, $"there is no recording at {folder}, or none you may see.", "Run it as the gateway's user.");
        }
        catch (StartFailure failure)
        {
            throw CliFailure.Of(failure);
        }
    }

    public override async IAsyncEnumerable<RecordedItem> ReadAsync(
        SessionId session, bool follow, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var items = _reader.ReadAsync(session, follow, cancellationToken).GetAsyncEnumerator(cancellationToken);
        var count = 0;
        while (await NextAsync(items))
        {
            count++;
            yield return items.Current;
        }
        if (count == 0)
            throw new CliFailure(ExitCode.Failed, $"there is no session {session} in this folder.");
    }

    public override void Dispose()
    {
        // Files are opened per reading.
    }

    protected override ValueTask<IReadOnlyList<SessionId>> ListAsync(CancellationToken cancellationToken)
    {
        try
        {
            return ValueTask.FromResult<IReadOnlyList<SessionId>>([.. _reader.ListSessions().Select(static s => s.Id).OrderDescending()]);
        }
        catch (InvalidDataException e)
        {
            throw Damaged(e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(e);
        }
    }

    private static async ValueTask<bool> NextAsync(IAsyncEnumerator<RecordedItem> items)
    {
        try
        {
            return await items.MoveNextAsync();
        }
        catch (InvalidDataException e)
        {
            throw Damaged(e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(e);
        }
    }

    private static CliFailure Damaged(InvalidDataException e) =>
        new(ExitCode.Failed, e.Message, "sallyport sessions verify says exactly where.");

    private static CliFailure Unreadable(Exception e) =>
        new(ExitCode.CannotUseFiles, $"the recording cannot be read: {e.Message}", "Run it as the gateway's user.");
}
