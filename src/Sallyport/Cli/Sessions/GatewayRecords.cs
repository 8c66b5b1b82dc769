using System.Runtime.CompilerServices;
using Sallyport.Admin;
using Sallyport.Admin.Client;
using Sallyport.Core;
using Sallyport.Recording.Replay;

namespace Sallyport.Cli.Sessions;

/// <summary>Recordings as the running gateway hands them out.</summary>
internal sealed class GatewayRecords : RecordSource
{
    private readonly AdminClient _gateway;

    public GatewayRecords(AdminClient gateway) => _gateway = gateway;

    public override async IAsyncEnumerable<RecordedItem> ReadAsync(
        SessionId session, bool follow, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var path = $"/v1/sessions/{session}/records{(follow ? "?follow=true" : "")}";
        await foreach (var line in _gateway.GetLinesAsync<RecordLine>(path, cancellationToken))
        {
            if (line.Problem is { } problem)
                throw new CliFailure(ExitCode.Failed, problem.Error, problem.Next);
            if (line.Record is { } record)
                yield return record.ToItem();
        }
    }

    public override void Dispose() => _gateway.Dispose();

    protected override async ValueTask<IReadOnlyList<SessionId>> ListAsync(CancellationToken cancellationToken)
    {
        var ids = new List<SessionId>();
        foreach (var session in await _gateway.GetAsync<List<SessionMessage>>("/v1/sessions?limit=1000", cancellationToken))
        {
            if (SessionId.TryParse(session.Id, out var id))
                ids.Add(id);
        }
        return ids;
    }
}
