using System.IO.Pipelines;
using Sallyport.Core;
using Sallyport.Postgres.Upstream;
using Sallyport.Postgres.Wire;

namespace Sallyport.Postgres.Session;

/// <summary>
/// Runs the two pumps of an opened session until either side or an operator ends it, then says the last word and tidies up.
/// </summary>
internal sealed class PostgresSession : ICancellable
{
    private static readonly TimeSpan LastWordDeadline = TimeSpan.FromSeconds(2);

    private readonly SessionState _state;
    private readonly Action _abort;

    public PostgresSession(PostgresServices services, Core.Session session, IDuplexPipe client, UpstreamConnection upstream, Action abort,
        CancellationToken clientGone)
    {
        _abort = abort;
        _state = new SessionState(services, session, client, upstream, clientGone);
    }

    /// <summary>A client's CancelRequest: takes back what is held, or else asks the server to cancel.</summary>
    public void Cancel()
    {
        var held = _state.Held;
        try
        {
            if (held is not null)
            {
                held.Cancel();
                return;
            }
        }
        catch (ObjectDisposedException)
        {
            // The hold ended meanwhile; its command may be running.
        }
        _state.AskCancel();
    }

    /// <summary>How it ended. Both legs are quiet when it returns.</summary>
    public async Task<SessionEnding> RunAsync()
    {
        var judge = new Judge(_state.Services, _state.Session.Principal, _state.Resource);
        var toUpstream = new ClientPump(_state, judge);
        var toClient = new UpstreamPump(_state, judge);
        _state.Session.WhenKilled(
            static s =>
            {
                var state = (SessionState)s;
                var reason = state.Session.KillReason ?? "the gateway is stopping";
                state.End(state.Session.KillEnd, reason, SessionWords.Killed(reason));
            },
            _state);
        Task client;
        Task upstream;
        // The pumps use nothing of the caller's context, and would restore it at each message.
        using (ExecutionContext.SuppressFlow())
        {
            client = toUpstream.RunAsync();
            upstream = toClient.RunAsync();
        }
        var ending = await _state.Ended;
        var cancelled = CancelWhatRunsAsync(ending.End);
        // A client that took its leave still gets what was on its way to it.
        if (ending.End == SessionEnd.ClientClosed)
            await Task.WhenAny(upstream, Task.Delay(LastWordDeadline, _state.Services.Time));
        // No pipe is completed while a pump may still write to it: its blocks would be another session's by then.
        _state.Upstream.Shutdown();
        _state.Client.Input.CancelPendingRead();
        _state.Upstream.Input.CancelPendingRead();
        _state.Upstream.Output.CancelPendingFlush();
        var pumps = Task.WhenAll(client, upstream);
        await Task.WhenAny(pumps, Task.Delay(LastWordDeadline, _state.Services.Time));
        if (pumps.IsCompleted && !toClient.IsMidMessage && ending.LastWord is { } word)
            await SayAsync(word);
        // A client that reads nothing any more must not hold up a kill or a stop.
        if (!pumps.IsCompleted)
            _abort();
        await pumps;
        await cancelled;
        toClient.Release();
        judge.Release();
        return ending;
    }

    /// <summary>
    /// A server does not look whether its client is there before it has something to say: what an operator wants ended would run on.
    /// </summary>
    private Task CancelWhatRunsAsync(SessionEnd end) =>
        end is SessionEnd.Killed or SessionEnd.ProofExpired or SessionEnd.GatewayStopping && !_state.Pending.IsEmpty
            ? UpstreamCancel.SendAsync(_state.Services.Upstreams, _state.Resource, _state.Upstream, LastWordDeadline)
            : Task.CompletedTask;

    private async ValueTask SayAsync(Diagnostic word)
    {
        using var deadline = new CancellationTokenSource(LastWordDeadline, _state.Services.Time);
        try
        {
            MessageWriter.WriteDiagnostic(_state.Client.Output, word);
            await _state.Client.Output.FlushAsync(deadline.Token);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or OperationCanceledException or ObjectDisposedException)
        {
            // Nobody listens any more.
        }
    }
}
