using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using Sallyport.Core;
using Sallyport.Sockets.Listening;

namespace Sallyport.Hosting.Network;

/// <summary>An address, and what serves its connections.</summary>
internal sealed record Listener(IPEndPoint EndPoint, ConnectionDelegate Serve);

/// <summary>
/// The listeners of all protocols, with Kestrel's keeping of connections on the gateway's own transport, and without a web host around
/// it. Its continuations run on the loops' threads, so that whatever blocks (disk, DNS, user code) must leave them first.
/// </summary>
internal sealed class DataPlane : IDisposable
{
    private readonly KestrelServer _server;

    private DataPlane(KestrelServer server) => _server = server;

    /// <exception cref="StartFailure">An address is taken or is not one of this machine.</exception>
    public static async Task<DataPlane> StartAsync(IReadOnlyList<Listener> listeners, int connectionsPerSource, ILoggerFactory loggers,
        CancellationToken cancellationToken)
    {
        var limiter = new SourceLimiter(connectionsPerSource);
        var options = new KestrelServerOptions();
        foreach (var listener in listeners)
            options.Listen(listener.EndPoint, listen =>
                listen.Use(next => connection => InvokeAsync(limiter, connection, next)).Use(_ => listener.Serve));
        var server = new KestrelServer(Options.Create(options), new LoopTransport(), loggers);
        try
        {
            await server.StartAsync(new NoWeb(), cancellationToken);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            server.Dispose();
            var addresses = string.Join(", ", listeners.Select(static l => l.EndPoint));
            throw new StartFailure(StartFault.AddressInUse, $"cannot listen on {addresses}: {e.Message}",
                "Stop what uses it, or choose another address under listen in sallyport.yaml.");
        }
        return new DataPlane(server);
    }

    /// <summary>
    /// Closes connections of a source that has as many as it may, before a byte of them is read: one that connects and says nothing
    /// takes no more than its share.
    /// </summary>
    private static async Task InvokeAsync(SourceLimiter limiter, ConnectionContext connection, ConnectionDelegate next)
    {
        using var place = limiter.TryEnter(ClientSource.Of((connection.RemoteEndPoint as IPEndPoint)?.Address));
        if (place is null)
            connection.Abort(new ConnectionAbortedException("too many connections of this address"));
        else
            await next(connection);
    }

    /// <summary>Closes the listeners and waits for connections to end; those left at the deadline are cut.</summary>
    public async Task StopAsync(TimeSpan deadline)
    {
        using var cut = new CancellationTokenSource(deadline);
        await _server.StopAsync(cut.Token);
    }

    public void Dispose() => _server.Dispose();

    /// <summary>Kestrel asks for it, and never calls it: every listener has a protocol of its own.</summary>
    private sealed class NoWeb : IHttpApplication<IFeatureCollection>
    {
        public IFeatureCollection CreateContext(IFeatureCollection contextFeatures) => contextFeatures;

        public Task ProcessRequestAsync(IFeatureCollection context) => throw new NotSupportedException();

        public void DisposeContext(IFeatureCollection context, Exception? exception)
        {
        }
    }
}
