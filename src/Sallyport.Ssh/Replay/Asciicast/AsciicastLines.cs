using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Sallyport.Ssh.Replay.Asciicast;

/// <summary>What stands in the first line of a file.</summary>
internal sealed record AsciicastHeader
{
    public required (uint Columns, uint Rows) Size { get; init; }

    public required DateTimeOffset Begun { get; init; }

    public required string Title { get; init; }

    public string? Command { get; init; }

    public string? Terminal { get; init; }

    public string? Shell { get; init; }
}

/// <summary>The lines of one asciicast file: a header, then <c>[time, code, data]</c>. Times never go back.</summary>
internal sealed class AsciicastLines(TextWriter output, AsciicastVersion version)
{
    private DateTimeOffset _begun;
    private long _last;

    public void WriteHeader(AsciicastHeader header)
    {
        _begun = header.Begun;
        WriteLine(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("version", (int)version);
            if (version == AsciicastVersion.V3)
                json.WriteStartObject("term");
            json.WriteNumber(version == AsciicastVersion.V3 ? "cols" : "width", header.Size.Columns);
            json.WriteNumber(version == AsciicastVersion.V3 ? "rows" : "height", header.Size.Rows);
            if (version == AsciicastVersion.V3)
            {
                WriteKnown(json, "type", header.Terminal);
                json.WriteEndObject();
            }
            json.WriteNumber("timestamp", header.Begun.ToUnixTimeSeconds());
            WriteKnown(json, "command", header.Command);
            json.WriteString("title", header.Title);
            json.WriteStartObject("env");
            WriteKnown(json, "TERM", header.Terminal);
            WriteKnown(json, "SHELL", header.Shell);
            json.WriteEndObject();
            json.WriteEndObject();
        });
    }

    public void WriteEvent(DateTimeOffset at, char code, string data)
    {
        var now = Math.Max(_last, (at - _begun).Ticks / TimeSpan.TicksPerMicrosecond);
        var micros = version == AsciicastVersion.V3 ? now - _last : now;
        _last = now;
        WriteLine(json =>
        {
            json.WriteStartArray();
            json.WriteRawValue(string.Create(CultureInfo.InvariantCulture, $"{micros / 1_000_000}.{micros % 1_000_000:D6}"));
            json.WriteStringValue(code.ToString());
            json.WriteStringValue(data);
            json.WriteEndArray();
        });
    }

    /// <summary>All but visible ASCII is escaped, so that the file itself is safe on a terminal.</summary>
    private void WriteLine(Action<Utf8JsonWriter> write)
    {
        var line = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(line))
            write(json);
        output.Write(Encoding.UTF8.GetString(line.WrittenSpan));
        output.Write('\n');
    }

    private static void WriteKnown(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
            json.WriteString(name, SafeText.Escape(value));
    }
}
