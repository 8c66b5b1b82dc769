using System.Text.Json;
using Sallyport.Postgres.Replay;
using Sallyport.Recording.Replay;
using Sallyport.Ssh.Replay;
using Sallyport.Ssh.Replay.Asciicast;

namespace Sallyport.Cli.Sessions;

/// <summary>
/// Turns records into what people or machines read: the one place that picks what reads and shows them by the protocol that the
/// session's first record names.
/// </summary>
internal sealed class TranscriptPrinter(TranscriptView view)
{
    /// <exception cref="CliFailure">The session cannot be shown in this form.</exception>
    public async Task PrintAsync(IAsyncEnumerable<RecordedItem> records, CancellationToken cancellationToken)
    {
        ITranscript? transcript = null;
        TranscriptWriter? writer = null;
        try
        {
            await foreach (var record in records.WithCancellation(cancellationToken))
            {
                if (transcript is null || writer is null)
                    (transcript, writer) = Open(ProtocolOf(record));
                Write(writer, transcript.Add(record.At, record.Kind, record.Payload.Span));
                if (!record.IsWhole)
                    writer.Write(new UnreadableItem(record.At, "the record above is not whole: the gateway died while it was taken"));
            }
            if (transcript is null || writer is null)
                return;
            Write(writer, transcript.Complete());
            if (writer.Complete() is { } nothing)
                throw new CliFailure(ExitCode.Failed, nothing, "sallyport sessions replay ID --no-wait shows what there is.");
        }
        finally
        {
            writer?.Close();
        }
    }

    private (ITranscript Transcript, TranscriptWriter Writer) Open(ResourceKind protocol) => protocol switch
    {
        ResourceKind.Postgres => (new PostgresTranscript(), PostgresWriter()),
        ResourceKind.Ssh => (new SshTranscript(), SshWriter()),
        _ => throw new CliFailure(
            ExitCode.Failed, $"sessions of {protocol.ToString().ToLowerInvariant()} cannot be shown by this version."),
    };

    private TranscriptWriter PostgresWriter()
    {
        if (view.Channel is not null)
            throw new CliFailure(ExitCode.Usage, "this is a PostgreSQL session: it has no channels.", "Leave --channel out.");
        return view.Form switch
        {
            TranscriptForm.People => new TerminalRenderer(view.Output, new TerminalOptions()),
            TranscriptForm.Jsonl => new PostgresJsonLines(view.Output),
            TranscriptForm.Sql => new SqlExporter(view.Output),
            TranscriptForm.Commands => new CommandList(view.Output),
            _ => throw new CliFailure(ExitCode.Usage, "this is a PostgreSQL session: it has no terminal.", "Say --format jsonl or sql."),
        };
    }

    private TranscriptWriter SshWriter()
    {
        TranscriptWriter writer = view.Form switch
        {
            TranscriptForm.People => new SshTerminalWriter(view.Output, view.PlaysTerminals),
            TranscriptForm.Jsonl => new SshJsonLines(view.Output),
            TranscriptForm.Asciicast => new AsciicastWriter(view.Output, AsciicastVersion.V2, view.WithInput),
            TranscriptForm.AsciicastV3 => new AsciicastWriter(view.Output, AsciicastVersion.V3, view.WithInput),
            TranscriptForm.Commands => new CommandList(view.Output),
            _ => throw new CliFailure(ExitCode.Usage, "this is an SSH session: it ran no SQL.", "Say --format jsonl or asciicast."),
        };
        return view.Channel is { } channel ? new ChannelSelection(channel, writer) : writer;
    }

    private static void Write(TranscriptWriter writer, IReadOnlyList<TranscriptItem> items)
    {
        foreach (var item in items)
            writer.Write(item);
    }

    private static ResourceKind ProtocolOf(RecordedItem first)
    {
        try
        {
            if (first.Kind == RecordKind.SessionOpened)
            {
                using var opened = JsonDocument.Parse(first.Payload);
                if (Enum.TryParse<ResourceKind>(opened.RootElement.GetProperty("protocol").GetString(), ignoreCase: true, out var protocol))
                    return protocol;
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            // It is said below.
        }
        throw new CliFailure(
            ExitCode.Failed, "the recording does not begin with a record that names its protocol.",
            "sallyport sessions verify says what is wrong.");
    }
}
