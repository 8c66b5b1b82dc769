using System.Text;
using Sallyport.Postgres.Wire;

namespace Sallyport.Postgres.Upstream;

/// <summary>The rows of a query in text, or the error that stands instead. Null values are SQL NULL.</summary>
internal sealed record QueryAnswer(List<string?[]>? Rows, string? Error);

/// <summary>Runs a query of the gateway's own by the simple protocol, on a connection that serves nothing else meanwhile.</summary>
internal static class UpstreamQuery
{
    private const int MaxBody = 16 * 1024 * 1024;

    public static async ValueTask<QueryAnswer> RunAsync(UpstreamConnection connection, string sql, CancellationToken cancellationToken)
    {
        MessageWriter.WriteQuery(connection.Output, Encoding.UTF8.GetBytes(sql));
        await connection.Output.FlushAsync(cancellationToken);
        List<string?[]> rows = [];
        string? error = null;
        while (true)
        {
            var message = await MessageStream.ReadAsync(connection.Input, MaxBody, cancellationToken);
            switch (message.Type)
            {
                case ServerMessage.DataRow:
                    if (!TryRow(message.Body, out var row))
                        return new QueryAnswer(null, "a row cannot be read");
                    rows.Add(row);
                    break;
                case ServerMessage.ErrorResponse:
                    error = new DiagnosticView(message.Body).Message;
                    break;
                case ServerMessage.ReadyForQuery:
                    return error is null ? new QueryAnswer(rows, null) : new QueryAnswer(null, error);
                case ServerMessage.RowDescription or ServerMessage.CommandComplete or ServerMessage.EmptyQueryResponse:
                case ServerMessage.NoticeResponse or ServerMessage.ParameterStatus or ServerMessage.NotificationResponse:
                    break;
                default:
                    return new QueryAnswer(null,
                        message.IsEnd ? "the connection was lost" : $"message '{(char)message.Type}' is no answer to a query");
            }
        }
    }

    private static bool TryRow(byte[] body, out string?[] row)
    {
        row = [];
        var reader = new BodyReader(body);
        if (!reader.TryInt16(out var count) || count < 0)
            return false;
        row = new string?[count];
        for (var i = 0; i < count; i++)
        {
            if (!reader.TryInt32(out var length))
                return false;
            if (length < 0)
                continue;
            if (!reader.TryBytes(length, out var value))
                return false;
            row[i] = Encoding.UTF8.GetString(value);
        }
        return true;
    }
}
