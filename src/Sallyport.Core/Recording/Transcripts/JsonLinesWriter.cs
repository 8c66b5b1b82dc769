using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Sallyport.Core;

/// <summary>
/// One JSON object per item and line, times in ISO 8601 UTC. Everything but visible ASCII is escaped, so the lines are safe for a
/// terminal too. A protocol adds its own items.
/// </summary>
public abstract class JsonLinesWriter(TextWriter output) : TranscriptWriter
{
    private readonly ArrayBufferWriter<byte> _line = new();

    public sealed override void Write(TranscriptItem item)
    {
        _line.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(_line))
        {
            json.WriteStartObject();
            json.WriteString("at", item.At.UtcDateTime);
            WriteBody(json, item);
            json.WriteEndObject();
        }
        output.Write(Encoding.UTF8.GetString(_line.WrittenSpan));
        output.Write('\n');
    }

    protected virtual void WriteBody(Utf8JsonWriter json, TranscriptItem item)
    {
        switch (item)
        {
            case CommandItem command:
                WriteCommand(json, command);
                break;
            case NoteItem note:
                WriteNote(json, note);
                break;
            case UnreadableItem unreadable:
                json.WriteString("kind", "unreadable");
                json.WriteString("what", unreadable.What);
                break;
        }
    }

    private static void WriteCommand(Utf8JsonWriter json, CommandItem command)
    {
        json.WriteString("kind", "command");
        json.WriteNumber("number", command.Number);
        json.WriteString("decision", command.Decision.ToString().ToLowerInvariant());
        json.WriteString("rule", command.Rule);
        json.WriteString("policy", command.Snapshot);
        json.WriteString("flags", command.Flags.ToString().ToLowerInvariant());
        json.WriteBoolean("ran", command.Ran);
        json.WriteString("text", command.Text);
        if (command.Bytes is { } bytes)
            json.WriteBase64String("base64", bytes);
        json.WriteStartArray("parameters");
        foreach (var parameter in command.Parameters)
            json.WriteStringValue(parameter.Text);
        json.WriteEndArray();
    }

    private static void WriteNote(Utf8JsonWriter json, NoteItem note)
    {
        json.WriteString("kind", JsonNamingPolicy.SnakeCaseLower.ConvertName(note.Kind.ToString()));
        try
        {
            // Into a buffer of its own: half of it cannot be taken back (an escape that stands for half a character fails late).
            var data = new ArrayBufferWriter<byte>();
            using (var document = JsonDocument.Parse(note.Json))
            using (var whole = new Utf8JsonWriter(data))
                document.RootElement.WriteTo(whole);
            json.WritePropertyName("data");
            json.WriteRawValue(data.WrittenSpan, skipInputValidation: true);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            json.WriteString("data", note.Json);
        }
    }
}
