using System.CommandLine;
using Sallyport.Core;
using Sallyport.Recording.Replay;

namespace Sallyport.Cli.Sessions;

/// <summary>Where a verb reads recordings: through the gateway, which decides who may, or from the files with <c>--offline</c>.</summary>
internal abstract class RecordSource : IDisposable
{
    private const int ShortestPart = 4;
    private const string ListHint = "sallyport sessions list shows those you may see.";

    private static readonly Option<bool> Offline = new("--offline")
    {
        Description = "Read the data folder of --config without a gateway. Whoever may read its files may do so.",
    };

    public static void AddTo(Command command)
    {
        command.Options.Add(Offline);
        GatewayAccess.AddTo(command);
    }

    public static RecordSource Open(ParseResult parsed, CliContext cli) =>
        parsed.GetValue(Offline) ? FolderRecords.Open(parsed, cli.Time) : new GatewayRecords(GatewayAccess.Connect(parsed, cli));

    /// <exception cref="CliFailure">The recording is damaged, or the source fails.</exception>
    public abstract IAsyncEnumerable<RecordedItem> ReadAsync(SessionId session, bool follow, CancellationToken cancellationToken);

    /// <summary>The session that a whole id, a part of one or <c>last</c> names.</summary>
    /// <exception cref="CliFailure">There is none, or more than one.</exception>
    public async ValueTask<SessionId> FindAsync(string text, CancellationToken cancellationToken)
    {
        if (SessionId.TryParse(text, out var id))
            return id;
        var isLast = text == "last";
        if (!isLast && text.Length < ShortestPart)
            throw new CliFailure(ExitCode.Usage, $"\"{text}\" is no session id: a part of one has at least {ShortestPart} characters.", ListHint);
        var all = await ListAsync(cancellationToken);
        List<SessionId> found = isLast ? [.. all.Take(1)] : [.. all.Where(s => Names(text, s.ToString())).Take(2)];
        return found.Count switch
        {
            1 => found[0],
            0 => throw new CliFailure(ExitCode.Failed, isLast ? "there is no session yet." : $"there is no session \"{text}\", or it is not yours.", ListHint),
            _ => throw new CliFailure(ExitCode.Failed, $"\"{text}\" names more than one session.", "Give more of its characters; the end differs most."),
        };
    }

    public abstract void Dispose();

    /// <summary>Those the caller may see, newest first.</summary>
    protected abstract ValueTask<IReadOnlyList<SessionId>> ListAsync(CancellationToken cancellationToken);

    private static bool Names(string part, string id) =>
        id.StartsWith(part, StringComparison.OrdinalIgnoreCase) || id.EndsWith(part, StringComparison.OrdinalIgnoreCase);
}
