using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Sallyport.Core;
using Sallyport.Postgres.Session;
using Sallyport.Postgres.Startup;
using Sallyport.Postgres.Upstream;
using Sallyport.Postgres.Wire;
using Sallyport.Sockets.Loops;

namespace Sallyport.Postgres;

/// <summary>
/// Owns a client's connection from the first byte to the last: negotiates, proves, opens the session and the upstream, runs the
/// session, closes. The only place of this protocol that knows Kestrel.
/// </summary>
public sealed partial class PostgresHandler : ConnectionHandler
{
    private static readonly SessionEnding Failed = new(SessionEnd.GatewayFault, "the session failed", null);

    private readonly PostgresServices _services;
    private readonly Func<Task<SslStreamCertificateContext>> _certificate;
    private readonly SourceLimiter _starting;
    private readonly AttemptLimiter<ClientSource> _wrongProofs;
    private readonly ILogger _log;

    /// <param name="services">What sessions use.</param>
    /// <param name="certificate">The server certificate of the moment; handshakes wait for it.</param>
    public PostgresHandler(PostgresServices services, Func<Task<SslStreamCertificateContext>> certificate)
    {
        _services = services;
        _certificate = certificate;
        var options = services.Options;
        _starting = new SourceLimiter(options.MaxStartingPerSource, options.MaxStarting);
        _wrongProofs = new AttemptLimiter<ClientSource>(options.WrongProofsPerSource, options.WrongProofRefill, services.Time);
        _log = services.Logs.CreateLogger<PostgresHandler>();
    }

    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        // It begins elsewhere, so that a session that lasts for days keeps nothing of its beginning.
        if (await BeginAsync(connection) is not { } started)
            return;
        var ending = Failed;
        try
        {
            ending = await started.Running.RunAsync();
        }
        finally
        {
            await CloseAsync(started.Session, started.Upstream, started.ProcessId, ending);
            if (started.Tls is { } tls)
                await tls.DisposeAsync();
        }
    }

    /// <summary>From the first byte to the open session; null when it did not come to one, and the client was told what it may know.</summary>
    private async Task<Started?> BeginAsync(ConnectionContext connection)
    {
        var address = (connection.RemoteEndPoint as IPEndPoint)?.Address;
        var source = ClientSource.Of(address);
        using var place = _starting.TryEnter(source);
        if (place is null)
        {
            LogTooMany(source);
            return null;
        }
        using var deadline = new CancellationTokenSource(_services.Options.StartupDeadline, _services.Time);
        using var abort = deadline.Token.Register(static c => ((ConnectionContext)c!).Abort(), connection);
        var isLoopback = address is null || IPAddress.IsLoopback(address);
        Negotiation? negotiation = null;
        Started? started = null;
        try
        {
            negotiation = await new ClientNegotiator(connection.Transport, _certificate, isLoopback).RunAsync(deadline.Token);
            switch (negotiation.Outcome)
            {
                case NegotiationOutcome.Cancel:
                    _services.Cancels.TryCancel(negotiation.Packet!.CancelProcessId, negotiation.Packet.CancelKey.Span, source);
                    break;
                case NegotiationOutcome.Refused:
                    await RefuseAsync(negotiation.Pipe, negotiation.Refusal!);
                    break;
                case NegotiationOutcome.Startup:
                    started = await StartAsync(new Starting(negotiation, connection, source), deadline.Token);
                    break;
            }
        }
        catch (Exception e) when (IsOrdinaryEnd(e))
        {
            LogDropped(source, e.Message);
        }
        finally
        {
            if (started is null && negotiation?.Tls is { } tls)
                await tls.DisposeAsync();
        }
        return started;
    }

    private async Task<Started?> StartAsync(Starting starting, CancellationToken deadline)
    {
        var negotiation = starting.Negotiation;
        var pipe = negotiation.Pipe;
        var packet = negotiation.Packet!;
        var client = starting.Connection.RemoteEndPoint?.ToString() ?? "local";
        var (parameters, refusal) = StartupParameters.Read(packet);
        if (refusal is null && (!packet.Parameters.TryGetValue("user", out var named) || named.Length is 0 or > 256))
            refusal = Diagnostic.Fatal(SqlState.InvalidAuthorization, "no user name was given");
        if (refusal is not null)
        {
            await RefuseAsync(pipe, refusal);
            return null;
        }
        var login = packet.Parameters["user"];
        var resource = packet.Parameters.GetValueOrDefault("database", login);
        Greeting.WriteNegotiation(pipe.Output, packet);

        if (await IsThrottledAsync(starting))
            return null;
        var authenticator = new ClientAuthenticator(pipe, _services.Identity, negotiation.Tls is not null, negotiation.ChannelBinding);
        var proof = await authenticator.RunAsync(login, deadline);
        // Looked at again: those that were asked for their proofs at the same time would all have one try more.
        if (await IsThrottledAsync(starting))
            return null;
        var opening = proof.Outcome == ProofOutcome.Accepted
            ? await _services.Sessions.OpenAsync(proof.Principal!, resource, ResourceKind.Postgres, client, deadline)
            : new SessionOpening(SessionOpenOutcome.Forbidden, null, proof.Reason);
        if (opening.Session is { } session)
            return await WelcomeAsync(session, starting, authenticator, parameters, deadline);
        // A right proof for what is closed counts too, or counting the tries would tell it from a wrong one.
        var isMiss = authenticator.HasOffered && opening.Outcome == SessionOpenOutcome.Forbidden && proof.Outcome != ProofOutcome.Unavailable;
        if (isMiss && _wrongProofs.CountMiss(starting.Source))
            LogThrottled(starting.Source);
        LogRefused(login, resource, client, opening.Reason ?? opening.Outcome.ToString());
        await RefuseAsync(pipe, Greeting.NotOpened(opening.Outcome, login, resource));
        return null;
    }

    /// <summary>Opens the upstream and welcomes the client. Whatever comes in between closes the session.</summary>
    private async Task<Started?> WelcomeAsync(Core.Session session, Starting starting, ClientAuthenticator authenticator,
        List<KeyValuePair<string, string>> parameters, CancellationToken deadline)
    {
        var pipe = starting.Negotiation.Pipe;
        var ending = new SessionEnding(SessionEnd.GatewayFault, "the start failed", null);
        UpstreamConnection? upstream = null;
        int? processId = null;
        Started? started = null;
        try
        {
            parameters.Add(new("client_encoding", "UTF8"));
            parameters.Add(new("application_name", Greeting.ApplicationName(session)));
            (var fault, upstream) = await _services.Upstreams.ConnectAsync((PostgresResource)session.Resource, parameters,
                starting.Connection.Features.Get<SocketLoop>(), deadline);
            if (fault != UpstreamFault.None)
            {
                ending = new SessionEnding(SessionEnd.UpstreamLost, fault.ToString(), null);
                await RefuseAsync(pipe, UpstreamFaults.ToClient(fault, session.Resource.Name));
                return null;
            }
            if (upstream!.Parameters.Any(static p => p is { Key: "standard_conforming_strings", Value: not "on" }))
            {
                ending = new SessionEnding(SessionEnd.UpstreamLost, "standard_conforming_strings is off", null);
                await RefuseAsync(pipe, Diagnostic.Fatal(SqlState.FeatureNotSupported, "the database has standard_conforming_strings off, and its commands cannot be read then"));
                return null;
            }
            var running = new PostgresSession(_services, session, pipe, upstream, starting.Connection.Abort, starting.Connection.ConnectionClosed);
            (processId, var key) = _services.Cancels.Register(starting.Negotiation.Packet!.Version >= StartupCode.Protocol32 ? 32 : 4, running);
            Greeting.WriteWelcome(pipe.Output, authenticator.ServerFinal, upstream.Parameters, processId.Value, key);
            upstream.ForgetParameters();
            await pipe.Output.FlushAsync(deadline);
            return started = new Started(session, running, upstream, processId.Value, starting.Negotiation.Tls);
        }
        finally
        {
            if (started is null)
                await CloseAsync(session, upstream, processId, ending);
        }
    }

    private async ValueTask CloseAsync(Core.Session session, UpstreamConnection? upstream, int? processId, SessionEnding ending)
    {
        if (processId is { } registered)
            _services.Cancels.Remove(registered);
        using (session)
        {
            try
            {
                if (upstream is not null)
                    await upstream.DisposeAsync();
            }
            finally
            {
                await _services.Sessions.CloseAsync(session, ending.End, ending.Detail);
            }
        }
    }

    private static bool IsOrdinaryEnd(Exception e) =>
        e is OperationCanceledException or IOException or ConnectionAbortedException or InvalidOperationException or ObjectDisposedException;

    /// <summary>A connection that is not a session yet, and how it began.</summary>
    private sealed record Starting(Negotiation Negotiation, ConnectionContext Connection, ClientSource Source);

    /// <summary>A session that was welcomed, with all that its end must close.</summary>
    private sealed record Started(Core.Session Session, PostgresSession Running, UpstreamConnection Upstream, int ProcessId, SslStream? Tls);

    private async ValueTask<bool> IsThrottledAsync(Starting starting)
    {
        if (_wrongProofs.WaitFor(starting.Source) is not { Ticks: > 0 } wait)
            return false;
        await RefuseAsync(starting.Negotiation.Pipe, Greeting.TooManyWrongProofs(wait));
        return true;
    }

    private static async ValueTask RefuseAsync(IDuplexPipe pipe, Diagnostic refusal)
    {
        MessageWriter.WriteDiagnostic(pipe.Output, refusal);
        await pipe.Output.FlushAsync();
    }

    [LoggerMessage(2200, LogLevel.Warning, "Refused {Login} on {Resource} from {Client}: {Reason}")]
    private partial void LogRefused(string login, string resource, string client, string reason);

    [LoggerMessage(2201, LogLevel.Warning, "Too many connections from {Source}: one was closed unheard")]
    private partial void LogTooMany(ClientSource source);

    [LoggerMessage(2202, LogLevel.Debug, "A connection from {Source} ended before its session began: {Reason}")]
    private partial void LogDropped(ClientSource source, string reason);

    [LoggerMessage(2203, LogLevel.Warning, "Too many wrong proofs from {Source}: it must wait before another is looked at")]
    private partial void LogThrottled(ClientSource source);
}
