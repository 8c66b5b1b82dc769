using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Sallyport.Sockets.Loops;
using Sallyport.Ssh.Authentication;
using Sallyport.Ssh.Session;
using Sallyport.Ssh.Transport;
using Sallyport.Ssh.Upstream;

namespace Sallyport.Ssh;

/// <summary>
/// Owns a client's connection from the first byte to the last: keys, proof, session, upstream, channels, close. The only place of this
/// protocol that knows Kestrel.
/// </summary>
public sealed partial class SshHandler : ConnectionHandler
{
    private const string TooManyWrongProofs = "too many wrong proofs from your address; wait a while";

    private readonly SshServices _services;
    private readonly Func<SshTransportOptions> _transport;
    private readonly Func<string, SshResource?> _resources;
    private readonly SourceLimiter _starting;
    private readonly AttemptLimiter<ClientSource> _wrongProofs;
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _earlyDials = new(StringComparer.Ordinal);
    private readonly ILogger _log;

    /// <param name="services">What sessions use.</param>
    /// <param name="transport">What the gateway offers to clients at the moment, its host keys among it.</param>
    /// <param name="resources">The resource of a name, so that it can be dialled early.</param>
    public SshHandler(SshServices services, Func<SshTransportOptions> transport, Func<string, SshResource?> resources)
    {
        _services = services;
        _transport = transport;
        _resources = resources;
        var options = services.Options;
        _starting = new SourceLimiter(options.MaxStartingPerSource, options.MaxStarting);
        _wrongProofs = new AttemptLimiter<ClientSource>(options.WrongProofsPerSource, options.WrongProofRefill, services.Time);
        _log = services.Logs.CreateLogger<SshHandler>();
    }

    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        // Two steps, so that a session that lasts for days keeps nothing of its beginning.
        if (await BeginAsync(connection) is { } started)
            await RunAsync(started);
    }

    private async Task<Started?> BeginAsync(ConnectionContext connection)
    {
        var address = (connection.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.Loopback;
        var source = ClientSource.Of(address);
        using var place = _starting.TryEnter(source);
        if (place is null)
        {
            LogTooMany(source);
            return null;
        }
        using var deadline = new CancellationTokenSource(_services.Options.LoginGrace, _services.Time);
        using var abort = deadline.Token.Register(static c => ((ConnectionContext)c!).Abort(), connection);
        var transport = new SshTransport(connection.Transport, _transport(), _services.Time);
        var starting = new Starting(connection, transport, source, address);
        Started? started = null;
        try
        {
            if (await transport.StartAsync(deadline.Token) != SshOutcome.Open)
                LogDropped(source, transport.OutcomeText);
            // Not before: a client that has no keys yet would not read it.
            else if (_wrongProofs.WaitFor(source) is { Ticks: > 0 })
                await transport.DisconnectAsync(DisconnectReason.TooManyConnections, TooManyWrongProofs, deadline.Token);
            else if (await MayGoOnAsync(transport, source, deadline.Token))
                started = await IdentifyAsync(starting, deadline.Token);
        }
        catch (Exception e) when (IsOrdinaryEnd(e))
        {
            LogDropped(source, e.Message);
        }
        finally
        {
            await starting.DisposeAsync();
            if (started is null)
                await transport.DisposeAsync();
        }
        return started;
    }

    /// <summary>CVE-2023-48795: without strict key exchange somebody between may delete messages of some algorithms unseen.</summary>
    private async ValueTask<bool> MayGoOnAsync(SshTransport transport, ClientSource source, CancellationToken deadline)
    {
        if (!transport.IsOpenToTerrapin)
            return true;
        LogTerrapin(source, transport.PeerVersion, transport.Negotiated!.ToString(), _services.Options.AllowsTerrapin ? "let in" : "refused");
        if (_services.Options.AllowsTerrapin)
            return true;
        await transport.DisconnectAsync(DisconnectReason.KeyExchangeFailed,
            "your client has no strict key exchange (CVE-2023-48795); update it, or use aes128-gcm@openssh.com, or aes128-ctr with hmac-sha2-256", deadline);
        return false;
    }

    private async Task<Started?> IdentifyAsync(Starting starting, CancellationToken deadline)
    {
        var authentication = new ServerAuthentication(starting.Transport, _services.Identity, starting.Address, _services.Time,
            refused => Refused(starting, refused))
        {
            Named = login => Dial(starting, login, deadline),
        };
        while (await authentication.NextAsync(deadline) is { } user)
        {
            if (_wrongProofs.WaitFor(starting.Source) is { Ticks: > 0 })
            {
                await starting.Transport.DisconnectAsync(DisconnectReason.TooManyConnections, TooManyWrongProofs, deadline);
                return null;
            }
            var client = starting.Connection.RemoteEndPoint?.ToString() ?? "local";
            var opening = await _services.Sessions.OpenAsync(user.Principal, user.Resource ?? "", ResourceKind.Ssh, client, deadline);
            if (opening.Session is { } session)
                return await ConnectAsync(starting, authentication, user, session, deadline);
            if (opening.Outcome == SessionOpenOutcome.Forbidden)
            {
                await authentication.RefuseAsync(opening.Reason ?? "forbidden", deadline);
                continue;
            }
            LogNotOpened(user.Principal.Name, client, opening.Reason ?? opening.Outcome.ToString());
            await starting.Transport.DisconnectAsync(DisconnectReason.ByApplication, SessionFaults.Words(opening.Outcome), deadline);
            return null;
        }
        LogDropped(starting.Source, authentication.Fault ?? "no proof");
        return null;
    }

    /// <summary>
    /// The client said where it wants to go: the way there is made ready while it proves who it is. Only a few times at once, so that who
    /// has no proof cannot take the places of those that the target lets begin.
    /// </summary>
    private void Dial(Starting starting, SshLogin login, CancellationToken deadline)
    {
        if (login.Resource is not { } name || _resources(name) is not { } resource)
            return;
        var places = _earlyDials.GetOrAdd(resource.Name, static (_, most) => new SemaphoreSlim(most), _services.Options.MaxEarlyDials);
        if (places.Wait(TimeSpan.Zero, CancellationToken.None))
            starting.Dial(places, token => _services.Upstreams.DialAsync(resource, starting.Loop, token), _services.Options.UpstreamDeadline, _services.Time, deadline);
    }

    /// <summary>Logs in at the target and welcomes the client. Whatever comes in between closes the session.</summary>
    private async Task<Started?> ConnectAsync(Starting starting, ServerAuthentication authentication, AuthenticatedUser user, Core.Session session,
        CancellationToken deadline)
    {
        var ending = new SshEnding(SessionEnd.GatewayFault, "the start failed", null);
        var resource = (SshResource)session.Resource;
        SshUpstream? upstream = null;
        Started? started = null;
        using var timer = new CancellationTokenSource(_services.Options.UpstreamDeadline, _services.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline, timer.Token);
        try
        {
            (var fault, upstream) = await (starting.TakeDial() ?? _services.Upstreams.DialAsync(resource, starting.Loop, both.Token));
            if (fault == SshFault.None)
                fault = await _services.Upstreams.LogInAsync(upstream!, resource, session, both.Token);
            // Accepted even then: a refusal would send the client looking for another key.
            if (!await authentication.AcceptAsync(deadline))
            {
                ending = new SshEnding(SessionEnd.ClientLost, "the client left while the target was asked", null);
                return null;
            }
            if (fault != SshFault.None)
            {
                ending = new SshEnding(SessionEnd.UpstreamLost, fault.ToString(), null);
                await starting.Transport.DisconnectAsync(DisconnectReason.ByApplication, SessionFaults.Words(fault, resource.Name), deadline);
                return null;
            }
            LogProved(session.Id, user.Method, user.Fingerprint ?? "", user.Certificate ?? "");
            var running = new SshSession(_services, session, user, starting.Transport, upstream!.Transport, starting.Connection.Abort);
            return started = new Started(session, running, starting.Transport, upstream);
        }
        finally
        {
            if (started is null)
                await CloseAsync(session, null, upstream, ending);
        }
    }

    private async Task RunAsync(Started started)
    {
        var ending = new SshEnding(SessionEnd.GatewayFault, "the session failed", null);
        try
        {
            using var running = started.Running;
            ending = await running.RunAsync();
        }
        finally
        {
            await CloseAsync(started.Session, started.Client, started.Upstream, ending);
        }
    }

    private async ValueTask CloseAsync(Core.Session session, SshTransport? client, SshUpstream? upstream, SshEnding ending)
    {
        try
        {
            if (upstream is not null)
                await upstream.DisposeAsync();
            if (client is not null)
                await client.DisposeAsync();
        }
        finally
        {
            await _services.Sessions.CloseAsync(session, ending.End, ending.Detail);
        }
    }

    private void Refused(Starting starting, RefusedProof refused)
    {
        if (refused.Outcome != ProofOutcome.Unavailable && _wrongProofs.CountMiss(starting.Source))
            LogThrottled(starting.Source);
        LogRefused(SafeText.Short(refused.Login, 128), refused.Method, starting.Source, refused.Reason, refused.Fingerprint ?? "");
    }

    private static bool IsOrdinaryEnd(Exception e) =>
        e is OperationCanceledException or IOException or ConnectionAbortedException or InvalidOperationException or ObjectDisposedException;

    /// <summary>A connection that is not a session yet.</summary>
    private sealed record Starting(ConnectionContext Connection, SshTransport Transport, ClientSource Source, IPAddress Address) : IAsyncDisposable
    {
        public SocketLoop? Loop => Connection.Features.Get<SocketLoop>();

        private SemaphoreSlim? _places;
        private CancellationTokenSource? _timer;
        private CancellationTokenSource? _givenUp;
        private Task<(SshFault Fault, SshUpstream? Upstream)>? _dialling;

        /// <summary>Begins to dial, for so long at most; the place is given back at the end.</summary>
        public void Dial(SemaphoreSlim places, Func<CancellationToken, Task<(SshFault Fault, SshUpstream? Upstream)>> dial, TimeSpan within, TimeProvider time,
            CancellationToken deadline)
        {
            _places = places;
            _timer = new CancellationTokenSource(within, time);
            _givenUp = CancellationTokenSource.CreateLinkedTokenSource(deadline, _timer.Token);
            _dialling = dial(_givenUp.Token);
        }

        public Task<(SshFault Fault, SshUpstream? Upstream)>? TakeDial()
        {
            var dial = _dialling;
            _dialling = null;
            return dial;
        }

        /// <summary>Closes what was dialled for a client that did not come in.</summary>
        public async ValueTask DisposeAsync()
        {
            if (TakeDial() is { } dial)
            {
                await _givenUp!.CancelAsync();
                if ((await dial).Upstream is { } upstream)
                    await upstream.DisposeAsync();
            }
            _givenUp?.Dispose();
            _timer?.Dispose();
            _places?.Release();
        }
    }

    /// <summary>A session that was welcomed, with all that its end must close.</summary>
    private sealed record Started(Core.Session Session, SshSession Running, SshTransport Client, SshUpstream Upstream);

    [LoggerMessage(2310, LogLevel.Warning, "Refused {Login} by {Method} from {Source}: {Reason} {Fingerprint}")]
    private partial void LogRefused(string login, string method, ClientSource source, string reason, string fingerprint);

    [LoggerMessage(2311, LogLevel.Warning, "Too many connections from {Source}: one was closed unheard")]
    private partial void LogTooMany(ClientSource source);

    [LoggerMessage(2312, LogLevel.Debug, "A connection from {Source} ended before its session began: {Reason}")]
    private partial void LogDropped(ClientSource source, string reason);

    [LoggerMessage(2313, LogLevel.Warning, "Too many wrong proofs from {Source}: it must wait before another is looked at")]
    private partial void LogThrottled(ClientSource source);

    [LoggerMessage(2314, LogLevel.Warning, "No session for {Login} from {Client}: {Reason}")]
    private partial void LogNotOpened(string login, string client, string reason);

    [LoggerMessage(2316, LogLevel.Warning, "A client at {Source} ({Version}) is open to Terrapin by {Algorithms}: {What}")]
    private partial void LogTerrapin(ClientSource source, string version, string algorithms, string what);

    [LoggerMessage(2315, LogLevel.Information, "Session {Session} was proved by {Method} {Fingerprint} {Certificate}")]
    private partial void LogProved(SessionId session, string method, string fingerprint, string certificate);
}
