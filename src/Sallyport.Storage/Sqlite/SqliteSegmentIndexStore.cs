using Microsoft.Data.Sqlite;
using Sallyport.Core;

namespace Sallyport.Storage;

/// <summary>Rows of <c>segment_spans</c>. A span that comes again for the same segment widens the one that is there.</summary>
internal sealed class SqliteSegmentIndexStore(SqliteAccess access) : ISegmentIndexStore
{
    public async ValueTask UpsertAsync(IReadOnlyList<SegmentSpan> spans, CancellationToken cancellationToken) => await access.WriteAsync(
        (connection, transaction) =>
        {
            foreach (var span in spans)
            {
                connection.Execute(transaction,
                    """
                    INSERT INTO segment_spans VALUES ($session, $segment, $first, $last) ON CONFLICT (session, segment) DO UPDATE
                    SET first_offset = min(first_offset, excluded.first_offset), last_offset = max(last_offset, excluded.last_offset)
                    """,
                    ("$session", span.Session.ToString()), ("$segment", span.Segment),
                    ("$first", span.FirstOffset), ("$last", span.LastOffset));
            }
            return spans.Count;
        },
        cancellationToken);

    public ValueTask<IReadOnlyList<SegmentSpan>> FindAsync(SessionId session, CancellationToken cancellationToken) => access.ReadAsync(
        "SELECT session, segment, first_offset, last_offset FROM segment_spans WHERE session = $session ORDER BY segment", Read,
        cancellationToken, ("$session", session.ToString()));

    public async ValueTask ClearAsync(CancellationToken cancellationToken) =>
        await access.WriteAsync(
            static (connection, transaction) => connection.Execute(transaction, "DELETE FROM segment_spans"),
            cancellationToken);

    private static SegmentSpan Read(SqliteDataReader row) => new(row.Session(0), row.GetString(1), row.GetInt64(2), row.GetInt64(3));
}
