using System.Globalization;
using System.Text;
using System.Text.Json;
using Sallyport.Postgres.Sql;
using Sallyport.Postgres.Upstream;

namespace Sallyport.Postgres.Session;

/// <summary>
/// How many rows a plain INSERT, UPDATE, DELETE or MERGE is about to touch, in the server's own estimate: EXPLAIN without ANALYZE
/// on a read-only connection of its own. A help for approvers; null whenever it cannot be had quickly.
/// </summary>
internal static class RowEstimate
{
    public static async Task<string?> AskAsync(SessionState state, SqlFacts facts, CancellationToken cancellationToken)
    {
        if (facts.Statements is not [{ Verb: "insert" or "update" or "delete" or "merge" } statement] || facts.IsOpaque)
            return null;
        var services = state.Services;
        using var deadline = new CancellationTokenSource(services.Options.EstimateDeadline, services.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            var (fault, connection) = await services.Upstreams.ConnectAsync(
                state.Resource,
                [
                    new("application_name", "sallyport:estimate"), new("client_encoding", "UTF8"),
                    new("default_transaction_read_only", "on"),
                    new("statement_timeout",
                        ((int)services.Options.EstimateDeadline.TotalMilliseconds).ToString(CultureInfo.InvariantCulture)),
                ],
                state.Upstream.Loop,
                both.Token);
            if (fault != UpstreamFault.None)
                return null;
            await using (connection)
            {
                var text = Encoding.UTF8.GetString(facts.Text.Span.Slice(statement.Start, statement.Length));
                var answer = await UpstreamQuery.RunAsync(connection!, "EXPLAIN (FORMAT JSON) " + text, both.Token);
                return answer.Rows is [[{ } json]] ? Words(json) : null;
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // An estimate is a courtesy; the hold stands without it.
            return null;
        }
    }

    private static string? Words(string json)
    {
        using var document = JsonDocument.Parse(json);
        var plan = document.RootElement[0].GetProperty("Plan");
        var relation = plan.TryGetProperty("Relation Name", out var name) ? name.GetString() : null;
        // The node that modifies returns no rows itself; its input has the number.
        var source = plan.TryGetProperty("Plans", out var plans) ? plans[0] : plan;
        return source.TryGetProperty("Plan Rows", out var rows)
            ? string.Create(CultureInfo.InvariantCulture, $"about {rows.GetDouble():N0} rows{(relation is null ? "" : " of " + relation)}")
            : null;
    }
}
