using System.Text;
using Sallyport.Postgres.Replay;
using Sallyport.Recording.Replay;

namespace Sallyport.Cli.Sessions;

/// <summary>Turns records into what people or machines read. One per session, records in order.</summary>
internal sealed class TranscriptPrinter
{
    private readonly PostgresTranscript _transcript = new();
    private readonly Action<TranscriptItem> _write;
    private readonly Action _complete;

    private TranscriptPrinter(Action<TranscriptItem> write, Action? complete = null)
    {
        _write = write;
        _complete = complete ?? (static () => { });
    }

    /// <summary>As psql would show it, safe for a terminal.</summary>
    public static TranscriptPrinter ForPeople(TextWriter output) => new(new TerminalRenderer(output, new TerminalOptions()).Write);

    /// <summary>One JSON object a line.</summary>
    public static TranscriptPrinter ForMachines(TextWriter output) => new(item =>
    {
        using var line = new MemoryStream();
        using (var json = new JsonLinesExporter(line))
            json.Write(item);
        output.Write(Encoding.UTF8.GetString(line.GetBuffer(), 0, (int)line.Length));
    });

    /// <summary>A script for psql.</summary>
    public static TranscriptPrinter ForPsql(TextWriter output)
    {
        var sql = new SqlExporter(output);
        return new TranscriptPrinter(sql.Write, sql.Complete);
    }

    public static TranscriptPrinter For(TextWriter output, bool isJson) => isJson ? ForMachines(output) : ForPeople(output);

    public async Task PrintAsync(IAsyncEnumerable<RecordedItem> records, CancellationToken cancellationToken)
    {
        await foreach (var record in records.WithCancellation(cancellationToken))
        {
            foreach (var item in _transcript.Add(record.At, record.Kind, record.Payload.Span))
                _write(item);
            if (!record.IsWhole)
                _write(new UnreadableItem(record.At, "the record above is not whole: the gateway died while it was taken"));
        }
        _complete();
    }
}
