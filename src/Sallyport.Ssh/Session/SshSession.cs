using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Sallyport.Ssh.Authentication;
using Sallyport.Ssh.Channels;
using Sallyport.Ssh.Keys.Certificates;
using Sallyport.Ssh.Recording;
using Sallyport.Ssh.Transport;

namespace Sallyport.Ssh.Session;

/// <summary>How a session ended, and what the client is told.</summary>
internal sealed record SshEnding(SessionEnd End, string? Detail, string? LastWord);

/// <summary>
/// A client's connection and the upstream's, joined: channels are opened, commands decided, bytes filtered, recorded and passed on.
/// </summary>
/// <remarks>
/// One lock guards all of it. Both legs are read on one loop, so nobody waits for it but who comes back from a person, the disk or the
/// store; nothing is awaited inside. Neither reader ever waits for a writer: what cannot be written now waits in its
/// <see cref="Flow"/>, as much of it as the sender's window lets come.
/// </remarks>
internal sealed partial class SshSession : IDisposable
{
    private static readonly TimeSpan LastWordDeadline = TimeSpan.FromSeconds(2);

    private readonly Lock _sync = new();
    private readonly SshServices _services;
    private readonly Leg _client;
    private readonly Leg _upstream;
    private readonly Action _abort;
    private readonly SshGate _gate;
    private readonly ILogger _log;
    private readonly CertificateRestrictions _restrictions;
    private readonly TaskCompletionSource<SshEnding> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _gone = new();
    private readonly Queue<ChannelEvent> _events = new();
    private readonly Queue<Func<Task>> _starting = new();
    private int _working = 1;
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="services">What sessions use.</param>
    /// <param name="session">The open session.</param>
    /// <param name="user">Who the client proved to be.</param>
    /// <param name="client">The client's leg, authenticated.</param>
    /// <param name="upstream">The upstream's leg, authenticated.</param>
    /// <param name="abort">Cuts the client's connection.</param>
    public SshSession(SshServices services, Core.Session session, AuthenticatedUser user, SshTransport client, SshTransport upstream, Action abort)
    {
        _services = services;
        Session = session;
        Resource = (SshResource)session.Resource;
        _restrictions = user.Restrictions;
        _client = new Leg(client);
        _upstream = new Leg(upstream);
        _abort = abort;
        _gate = new SshGate(this, services);
        _globalReplies = new ReplyQueue(SendGlobalReply);
        _log = services.Logs.CreateLogger<SshSession>();
    }

    private enum Step : byte
    {
        Done,

        /// <summary>The recorder has no room; nothing was done, and the message is to be given again.</summary>
        WaitForRoom,

        /// <summary>The session is over.</summary>
        End,
    }

    public Core.Session Session { get; }

    public SshResource Resource { get; }

    public Task<SshEnding> Ended => _ended.Task;

    /// <summary>Cancelled when the session has ended.</summary>
    public CancellationToken Gone => _gone.Token;

    /// <summary>The first ending counts.</summary>
    public void End(SessionEnd end, string? detail, string? lastWord = null)
    {
        if (!_ended.TrySetResult(new SshEnding(end, detail, lastWord)))
            return;
        try
        {
            _gone.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has come to its end meanwhile, and nobody waits for anything of it.
        }
    }

    /// <summary>How it ended. Both legs are quiet when it returns, and both transports disposed of.</summary>
    public async Task<SshEnding> RunAsync()
    {
        Session.WhenKilled(
            static s =>
            {
                var session = (SshSession)s;
                var reason = session.Session.KillReason ?? "the gateway is stopping";
                session.End(session.Session.KillEnd, reason, $"the session was ended: {reason}");
            },
            this);
        Task client;
        Task upstream;
        using (ExecutionContext.SuppressFlow())
        {
            client = PumpAsync(_client);
            upstream = PumpAsync(_upstream);
        }
        var ending = await _ended.Task;
        await SayLastWordAsync(ending);
        var pumps = Task.WhenAll(client, upstream);
        await Task.WhenAny(pumps, Task.Delay(LastWordDeadline, _services.Time));
        if (!pumps.IsCompleted)
            _abort();
        await pumps;
        Leave();
        await _idle.Task;
        await RecordEndsAsync();
        return ending;
    }

    public void Dispose()
    {
        _gate.Release();
        _gone.Dispose();
    }

    /// <summary>Tells the client something about one of its channels; nothing for what has no terminal.</summary>
    public void Tell(Channel? channel, string words)
    {
        if (channel is { Kind: ChannelKind.Session })
            Start(() => SayAsync(channel, words));
    }

    /// <summary>Reads one leg until it is over.</summary>
    private async Task PumpAsync(Leg leg)
    {
        var isClient = ReferenceEquals(leg, _client);
        try
        {
            while (await leg.Transport.ReadAsync(CancellationToken.None))
            {
                do
                {
                    if (!await HandleAsync(leg, isClient))
                        return;
                }
                while (leg.Transport.TryRead());
                if (!await AfterStepAsync())
                    return;
            }
            EndBy(leg.Transport, isClient);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or OperationCanceledException or ObjectDisposedException
            or SocketException or ConnectionAbortedException)
        {
            End(isClient ? SessionEnd.ClientLost : SessionEnd.UpstreamLost, e.Message, isClient ? null : "the connection to the target was lost");
        }
        catch (Exception e)
        {
            LogFault(e, Session.Id);
            End(SessionEnd.GatewayFault, e.GetType().Name, "the gateway failed on this session and ended it");
        }
        End(isClient ? SessionEnd.ClientLost : SessionEnd.UpstreamLost, null);
    }

    private ValueTask<bool> HandleAsync(Leg leg, bool isClient)
    {
        Step step;
        lock (_sync)
            step = isClient ? HandleClient(leg.Transport.Message.Span) : HandleUpstream(leg.Transport.Message.Span);
        return step switch
        {
            Step.Done => new(true),
            Step.End => new(false),
            _ => AgainAsync(leg, isClient),
        };
    }

    private async ValueTask<bool> AgainAsync(Leg leg, bool isClient) => await AfterStepAsync() && await _gate.RoomAsync() && await HandleAsync(leg, isClient);

    /// <summary>Records what is worth it, sends what was written, and starts what takes longer.</summary>
    private ValueTask<bool> AfterStepAsync()
    {
        lock (_sync)
        {
            if (_events.Count == 0 && _starting.Count == 0)
            {
                Flush(_upstream);
                Flush(_client);
                return new(!_ended.Task.IsCompleted);
            }
        }
        return SlowAsync();

        async ValueTask<bool> SlowAsync()
        {
            if (!await RecordEventsAsync())
                return false;
            Func<Task>? start;
            do
            {
                lock (_sync)
                {
                    Flush(_upstream);
                    Flush(_client);
                    _starting.TryDequeue(out start);
                }
                if (start is not null)
                    _ = WorkAsync(start);
            }
            while (start is not null);
            return !_ended.Task.IsCompleted;
        }
    }

    /// <summary>Sends what was written to a leg. Inside the lock; goes on by itself when the peer does not take it at once.</summary>
    private void Flush(Leg leg)
    {
        while (!leg.IsBusy && (leg.IsDirty || leg.IsShut))
        {
            var isShut = leg.IsShut;
            leg.BeginFlush();
            var flush = isShut ? OpenAsync(leg.Transport) : leg.Transport.FlushAsync(CancellationToken.None);
            if (!flush.IsCompletedSuccessfully)
            {
                _ = FinishFlushAsync(leg, flush);
                return;
            }
            leg.Wake();
            if (!flush.Result)
                return;
        }
    }

    /// <summary>What was written before new keys were being made is sent, then it waits for the keys.</summary>
    private static async ValueTask<bool> OpenAsync(SshTransport transport) =>
        await transport.FlushAsync(CancellationToken.None) && await transport.WaitWritableAsync(CancellationToken.None);

    private async Task FinishFlushAsync(Leg leg, ValueTask<bool> flush)
    {
        try
        {
            if (!await flush)
                return;
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or OperationCanceledException or ObjectDisposedException
            or SocketException or ConnectionAbortedException)
        {
            // The leg's reader meets the same end.
            return;
        }
        lock (_sync)
        {
            leg.Wake();
            Flush(leg);
        }
    }

    /// <summary>Has something done beside the readers. May be called inside the lock.</summary>
    private void Start(Func<Task> work)
    {
        lock (_sync)
            _starting.Enqueue(work);
        // Who holds the lock comes to it afterwards; who does not has nobody behind him.
        if (!_sync.IsHeldByCurrentThread)
            _ = WorkAsync(static () => Task.CompletedTask);
    }

    /// <summary>The session does not end before its work has.</summary>
    private async Task WorkAsync(Func<Task> work)
    {
        if (!TryEnter())
            return;
        try
        {
            await work();
            await AfterStepAsync();
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            End(SessionEnd.GatewayFault, e.Message);
        }
        catch (Exception e)
        {
            LogFault(e, Session.Id);
            End(SessionEnd.GatewayFault, e.GetType().Name, "the gateway failed on this session and ended it");
        }
        finally
        {
            Leave();
        }
    }

    private bool TryEnter()
    {
        var working = Volatile.Read(ref _working);
        while (working > 0)
        {
            var seen = Interlocked.CompareExchange(ref _working, working + 1, working);
            if (seen == working)
                return true;
            working = seen;
        }
        return false;
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref _working) == 0)
            _idle.TrySetResult();
    }

    /// <summary>A leg is over: what that means for the session.</summary>
    private void EndBy(SshTransport transport, bool isClient)
    {
        var text = $"{transport.Outcome}: {transport.OutcomeText}";
        switch (transport.Outcome)
        {
            case SshOutcome.PeerDisconnected:
                End(isClient ? SessionEnd.ClientClosed : SessionEnd.UpstreamClosed, text, "the target closed the connection");
                break;
            case SshOutcome.PeerGone:
                End(isClient ? SessionEnd.ClientClosed : SessionEnd.UpstreamClosed, text, "the target closed the connection");
                break;
            default:
                End(isClient ? SessionEnd.ProtocolViolation : SessionEnd.UpstreamLost, text, "the connection to the target failed");
                break;
        }
    }

    private Step Break(bool isClient, string violation)
    {
        _events.Enqueue(new ChannelEvent("protocol_violation") { Side = isClient ? "client" : "upstream", Detail = violation });
        End(isClient ? SessionEnd.ProtocolViolation : SessionEnd.UpstreamLost, violation, violation);
        return Step.End;
    }

    private async Task SayLastWordAsync(SshEnding ending)
    {
        using var deadline = new CancellationTokenSource(LastWordDeadline, _services.Time);
        if (ending.LastWord is { } word)
        {
            lock (_sync)
            {
                foreach (var channel in _channels)
                {
                    if (channel is { Kind: ChannelKind.Session, Use: ChannelUse.Running or ChannelUse.Deciding })
                        channel.ToClient.SendData(1, Line(channel, word));
                }
            }
        }
        var reason = ending.End == SessionEnd.ProtocolViolation ? DisconnectReason.ProtocolError : DisconnectReason.ByApplication;
        await _client.Transport.DisconnectAsync(reason, ending.LastWord ?? "closed", deadline.Token);
        await _upstream.Transport.DisconnectAsync(DisconnectReason.ByApplication, "closed", deadline.Token);
    }

    [LoggerMessage(2300, LogLevel.Error, "Session {Session} failed")]
    private partial void LogFault(Exception e, SessionId session);
}
