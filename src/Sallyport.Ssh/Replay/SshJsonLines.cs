using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Sallyport.Ssh.Replay;

/// <summary>JSON lines of an SSH session. Bytes are <c>text</c> where they are UTF-8, else <c>base64</c>: joined, they are exact.</summary>
public sealed class SshJsonLines(TextWriter output) : JsonLinesWriter(output)
{
    protected override void WriteBody(Utf8JsonWriter json, TranscriptItem item)
    {
        if (item is not ChannelBytesItem bytes)
        {
            base.WriteBody(json, item);
            return;
        }
        json.WriteString("kind", bytes.Flow.ToString().ToLowerInvariant());
        json.WriteNumber("channel", bytes.Channel);
        if (Utf8.IsValid(bytes.Bytes))
            json.WriteString("text", Encoding.UTF8.GetString(bytes.Bytes));
        else
            json.WriteBase64String("base64", bytes.Bytes);
    }
}
