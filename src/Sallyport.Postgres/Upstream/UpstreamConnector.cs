using System.IO.Pipelines;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Microsoft.Extensions.Logging;
using Sallyport.Core;
using Sallyport.Postgres.Wire;
using Sallyport.Sockets.Loops;
using Sallyport.Sockets.Pipes;

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
    /// <param name="loop">Where its continuations run; null is any.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async ValueTask<(UpstreamFault Fault, UpstreamConnection? Connection)> ConnectAsync(
        PostgresResource resource, IReadOnlyList<KeyValuePair<string, string>> parameters, SocketLoop? loop,
        CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(_deadline, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
        UpstreamConnection? connection = null;
        try
        {
            var (fault, opened) = await OpenAsync(resource, loop, both.Token);
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
        SocketLoop? loop, CancellationToken cancellationToken)
    {
        var isUnix = resource.Host.StartsWith('/');
        SocketPipe? socket = null;
        try
        {
            loop ??= SocketLoops.Next();
            socket = isUnix
                ? await Dialer.UnixAsync($"{resource.Host}/.s.PGSQL.{resource.Port}", loop, cancellationToken)
                : await Dialer.TcpAsync(resource.Host, resource.Port, loop, cancellationToken);
            var connection = UpstreamConnection.Over(socket);
            if (resource.Tls != UpstreamTls.Disable && !isUnix)
            {
                var (fault, tls) = await StartTlsAsync(resource, socket, cancellationToken);
                if (fault != UpstreamFault.None)
                    return (fault, null);
                if (tls is not null)
                    connection = UpstreamConnection.OverTls(socket, tls);
            }
            socket = null;
            return (UpstreamFault.None, connection);
        }
        catch (SocketException e)
        {
            LogUnreachable(resource.Name, resource.Host, resource.Port, e.Message);
            return (UpstreamFault.Unreachable, null);
        }
        finally
        {
            socket?.Dispose();
        }
    }

    private async ValueTask<(UpstreamFault, SslStream?)> StartTlsAsync(PostgresResource resource, SocketPipe socket,
        CancellationToken cancellationToken)
    {
        await socket.Output.WriteAsync(SslRequest, cancellationToken);
        var result = await socket.Input.ReadAsync(cancellationToken);
        if (result.Buffer.IsEmpty)
            return (UpstreamFault.Unreachable, null);
        var answer = result.Buffer.FirstSpan[0];
        var hasMore = result.Buffer.Length > 1;
        socket.Input.AdvanceTo(result.Buffer.GetPosition(1));
        if (answer == 'N' && resource.Tls == UpstreamTls.Prefer)
            return (UpstreamFault.None, null);
        if (answer != 'S')
        {
            LogTlsRefused(resource.Name);
            return (UpstreamFault.TlsRefused, null);
        }
        // Bytes in clear behind the answer were put there by somebody on the way (CVE-2021-23222): TLS has the client speak first.
        if (hasMore)
        {
            LogTlsFailed(resource.Name, "bytes in clear followed the answer to SSLRequest");
            return (UpstreamFault.TlsFailed, null);
        }
        var tls = new SslStream(new DuplexPipeStream(socket), leaveInnerStreamOpen: false);
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
