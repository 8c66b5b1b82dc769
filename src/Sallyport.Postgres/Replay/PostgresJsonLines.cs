using System.Text.Json;
using Sallyport.Core;

namespace Sallyport.Postgres.Replay;

/// <summary>JSON lines of a PostgreSQL session. Results are summed up: columns, row count, tag.</summary>
public sealed class PostgresJsonLines(TextWriter output) : JsonLinesWriter(output)
{
    protected override void WriteBody(Utf8JsonWriter json, TranscriptItem item)
    {
        switch (item)
        {
            case ResultItem result:
                json.WriteString("kind", "result");
                json.WriteString("tag", result.Tag);
                json.WriteNumber("rows", result.RowCount);
                json.WriteStartArray("columns");
                foreach (var name in result.Columns ?? [])
                    json.WriteStringValue(name);
                json.WriteEndArray();
                break;
            case MessageItem message:
                json.WriteString("kind", message.IsError ? "error" : "notice");
                json.WriteString("severity", message.Severity);
                json.WriteString("code", message.Code);
                json.WriteString("message", message.Message);
                json.WriteString("detail", message.Detail);
                json.WriteString("hint", message.Hint);
                break;
            case CopyItem copy:
                json.WriteString("kind", copy.ToClient ? "copy_out" : "copy_in");
                json.WriteNumber("bytes", copy.Bytes);
                break;
            default:
                base.WriteBody(json, item);
                break;
        }
    }
}
