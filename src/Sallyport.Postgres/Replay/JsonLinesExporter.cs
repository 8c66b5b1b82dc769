using System.Text.Json;

namespace Sallyport.Postgres.Replay;

/// <summary>One JSON object per item and line, UTF-8, times in ISO 8601 UTC. Results are summed up: columns, row count, tag.</summary>
public sealed class JsonLinesExporter(Stream output) : IDisposable
{
    private readonly Utf8JsonWriter _json = new(output);

    public void Write(TranscriptItem item)
    {
        _json.Reset();
        _json.WriteStartObject();
        _json.WriteString("at", item.At.UtcDateTime);
        WriteBody(item);
        _json.WriteEndObject();
        _json.Flush();
        output.WriteByte((byte)'\n');
    }

    public void Dispose() => _json.Dispose();

    private void WriteBody(TranscriptItem item)
    {
        switch (item)
        {
            case CommandItem command:
                WriteCommand(command);
                break;
            case ResultItem result:
                _json.WriteString("kind", "result");
                _json.WriteString("tag", result.Tag);
                _json.WriteNumber("rows", result.RowCount);
                _json.WriteStartArray("columns");
                foreach (var name in result.Columns ?? [])
                    _json.WriteStringValue(name);
                _json.WriteEndArray();
                break;
            case MessageItem message:
                _json.WriteString("kind", message.IsError ? "error" : "notice");
                _json.WriteString("severity", message.Severity);
                _json.WriteString("code", message.Code);
                _json.WriteString("message", message.Message);
                _json.WriteString("detail", message.Detail);
                _json.WriteString("hint", message.Hint);
                break;
            case CopyItem copy:
                _json.WriteString("kind", copy.ToClient ? "copy_out" : "copy_in");
                _json.WriteNumber("bytes", copy.Bytes);
                break;
            case NoteItem note:
                WriteNote(note);
                break;
            case UnreadableItem unreadable:
                _json.WriteString("kind", "unreadable");
                _json.WriteString("what", unreadable.What);
                break;
        }
    }

    private void WriteCommand(CommandItem command)
    {
        _json.WriteString("kind", "command");
        _json.WriteNumber("number", command.Number);
        _json.WriteString("decision", command.Decision.ToString().ToLowerInvariant());
        _json.WriteString("rule", command.Rule);
        _json.WriteString("policy", command.Snapshot);
        _json.WriteString("flags", command.Flags.ToString().ToLowerInvariant());
        _json.WriteBoolean("ran", command.Ran);
        _json.WriteString("text", command.Text);
        _json.WriteStartArray("parameters");
        foreach (var parameter in command.Parameters)
            _json.WriteStringValue(parameter.Text);
        _json.WriteEndArray();
    }

    private void WriteNote(NoteItem note)
    {
        _json.WriteString("kind", JsonNamingPolicy.SnakeCaseLower.ConvertName(note.Kind.ToString()));
        try
        {
            using var document = JsonDocument.Parse(note.Json);
            _json.WritePropertyName("data");
            document.RootElement.WriteTo(_json);
        }
        catch (JsonException)
        {
            _json.WriteString("data", note.Json);
        }
    }
}
