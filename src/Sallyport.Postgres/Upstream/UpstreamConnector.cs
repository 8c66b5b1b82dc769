using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Microsoft.Extensions.Logging;
using Sallyport.Core;
using Sallyport.Postgres.Wire;

namespace Sallyport.Postgres.Upstream;

/// <summary>
/// Opens connections to upstream servers with the gateway's own credential: TCP or Unix socket, TLS as the resource says, log-in.
/// Thread-safe; keeps nothing between connections.
/// </summary>
public sealed partial class UpstreamConnector
{
    private readonly ILogger _log;
    private readonly TimeSpan _deadline;
    private readonly TimeProvider _time;

    /// <param name="log">Hears what went wrong in the upstream's own words.</param>
    /// <param name="time">For the deadline.</param>
    /// <param name="deadline">For connecting and logging in together.</param>
    public UpstreamConnector(ILogger<UpstreamConnector> log, TimeProvider time, TimeSpan deadline)
    {
        _log = log;
        _time = time;
        _deadline = deadline;
    }

    /// <summary>Connects and logs in. Never throws but for <paramref name="cancellationToken"/>.</summary>
    /// <param name="resource">Where to, and as whom.</param>
    /// <param name="parameters">Startup parameters besides user and database.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async ValueTask<(UpstreamFault Fault, UpstreamConnection? Connection)> ConnectAsync(
        PostgresResource resource, IReadOnlyList<KeyValuePair<string, string>> parameters, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(_deadline, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
        UpstreamConnection? connection = null;
        try
        {
            var (fault, opened) = await OpenAsync(resource, both.Token);
            connection = opened;
            if (fault == UpstreamFault.None)
                fault = await new UpstreamLogin(resource, opened!, _log).RunAsync(parameters, both.Token);
            if (fault == UpstreamFault.None)
            {
                connection = null;
                return (UpstreamFault.None, opened);
            }
            return (fault, null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            LogTimedOut(resource.Name, resource.Host, resource.Port);
            return (UpstreamFault.TimedOut, null);
        }
        catch (Exception e) when (e is IOException or SocketException or InvalidOperationException or ObjectDisposedException)
        {
            LogLost(resource.Name, e.Message);
            return (UpstreamFault.Unreachable, null);
        }
        finally
        {
            if (connection is not null)
                await connection.DisposeAsync();
        }
    }

    /// <summary>Connects and protects the connection, without logging in. Cancel requests use it too.</summary>
    internal async ValueTask<(UpstreamFault Fault, UpstreamConnection? Connection)> OpenAsync(PostgresResource resource,
        CancellationToken cancellationToken)
    {
        var isUnix = resource.Host.StartsWith('/');
        var socket = isUnix
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        var kept = false;
        try
        {
            if (isUnix)
                await socket.ConnectAsync(new UnixDomainSocketEndPoint($"{resource.Host}/.s.PGSQL.{resource.Port}"), cancellationToken);
            else
                await socket.ConnectAsync(new DnsEndPoint(resource.Host, resource.Port), cancellationToken);
            if (!isUnix)
                SilentPeers.Notice(socket);
            if (resource.Tls != UpstreamTls.Disable && !isUnix)
            {
                var (fault, tls) = await StartTlsAsync(resource, socket, cancellationToken);
                if (fault != UpstreamFault.None)
                    return (fault, null);
                if (tls is not null)
                {
                    kept = true;
                    return (UpstreamFault.None, UpstreamConnection.OverTls(socket, tls, BlockPool.Instance));
                }
            }
            kept = true;
            return (UpstreamFault.None, UpstreamConnection.OverSocket(socket, PlainPipe));
        }
        catch (SocketException e)
        {
            LogUnreachable(resource.Name, resource.Host, resource.Port, e.Message);
            return (UpstreamFault.Unreachable, null);
        }
        finally
        {
            if (!kept)
                socket.Dispose();
        }
    }

    // Inline on both sides: a hop to the thread pool costs more than all the work done per message.
    private static PipeOptions PlainPipe { get; } = new(
        BlockPool.Instance, PipeScheduler.Inline, PipeScheduler.Inline, pauseWriterThreshold: 512 * 1024, resumeWriterThreshold: 256 * 1024,
        minimumSegmentSize: BlockPool.BlockSize, useSynchronizationContext: false);

    private async ValueTask<(UpstreamFault, SslStream?)> StartTlsAsync(PostgresResource resource, Socket socket,
        CancellationToken cancellationToken)
    {
        await socket.SendAsync(SslRequest, cancellationToken);
        var answer = new byte[2];
        var read = await socket.ReceiveAsync(answer.AsMemory(0, 1), cancellationToken);
        if (read == 0)
            return (UpstreamFault.Unreachable, null);
        if (answer[0] == 'N' && resource.Tls == UpstreamTls.Prefer)
            return (UpstreamFault.None, null);
        if (answer[0] != 'S')
        {
            LogTlsRefused(resource.Name);
            return (UpstreamFault.TlsRefused, null);
        }
        // Bytes in clear behind the answer were put there by somebody on the way (CVE-2021-23222): TLS has the client speak first.
        if (socket.Available > 0)
        {
            LogTlsFailed(resource.Name, "bytes in clear followed the answer to SSLRequest");
            return (UpstreamFault.TlsFailed, null);
        }
        var tls = new SslStream(new NetworkStream(socket, ownsSocket: false), leaveInnerStreamOpen: false);
        try
        {
            await tls.AuthenticateAsClientAsync(UpstreamTlsOptions.For(resource), cancellationToken);
            return (UpstreamFault.None, tls);
        }
        catch (Exception e) when (e is AuthenticationException or IOException or System.Security.Cryptography.CryptographicException
            or InvalidOperationException)
        {
            LogTlsFailed(resource.Name, e.InnerException?.Message ?? e.Message);
            await tls.DisposeAsync();
            return (UpstreamFault.TlsFailed, null);
        }
    }

    private static ReadOnlyMemory<byte> SslRequest { get; } = new byte[] { 0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f };

    [LoggerMessage(2001, LogLevel.Error, "Upstream of {Resource} at {Host}:{Port} cannot be reached: {Reason}")]
    private partial void LogUnreachable(string resource, string host, int port, string reason);

    [LoggerMessage(2002, LogLevel.Error, "Upstream of {Resource} at {Host}:{Port} did not answer in time")]
    private partial void LogTimedOut(string resource, string host, int port);

    [LoggerMessage(2003, LogLevel.Error, "Upstream of {Resource} refused TLS, which the resource's tls setting requires")]
    private partial void LogTlsRefused(string resource);

    [LoggerMessage(2004, LogLevel.Error, "TLS to the upstream of {Resource} failed: {Reason}")]
    private partial void LogTlsFailed(string resource, string reason);

    [LoggerMessage(2005, LogLevel.Error, "Upstream of {Resource} was lost during log-in: {Reason}")]
    private partial void LogLost(string resource, string reason);
}
