using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Sallyport.Sockets.Loops;
using Sallyport.Sockets.Pipes;

namespace Sallyport.Sockets.Listening;

/// <summary>
/// An accepted connection as Kestrel sees one. <see cref="Features"/> holds its <see cref="SocketLoop"/>, so that an upstream leg can
/// be opened on the same.
/// </summary>
internal sealed class LoopConnection : ConnectionContext, IConnectionIdFeature, IConnectionTransportFeature, IConnectionItemsFeature,
    IConnectionEndPointFeature, IConnectionLifetimeFeature
{
    /// <summary>How long a peer that was told the last word may take to hear it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private static long _lastId;

    private readonly CancellationTokenSource _closed = new();
    private readonly SocketPipe _pipe;
    private IDictionary<object, object?>? _items;
    private volatile bool _isAborted;

    public LoopConnection(Socket socket, SocketLoop loop)
    {
        _pipe = SocketPipe.Over(socket, loop, static c => ThreadPool.UnsafeQueueUserWorkItem(End, (LoopConnection)c!, preferLocal: false), this);
        ConnectionId = Interlocked.Increment(ref _lastId).ToString("x", CultureInfo.InvariantCulture);
        Transport = _pipe;
        LocalEndPoint = _pipe.LocalEndPoint;
        RemoteEndPoint = _pipe.RemoteEndPoint;
        ConnectionClosed = _closed.Token;
        Features.Set<IConnectionIdFeature>(this);
        Features.Set<IConnectionTransportFeature>(this);
        Features.Set<IConnectionItemsFeature>(this);
        Features.Set<IConnectionEndPointFeature>(this);
        Features.Set<IConnectionLifetimeFeature>(this);
        Features.Set(loop);
    }

    public override string ConnectionId { get; set; }

    public override IFeatureCollection Features { get; } = new ConnectionFeatures();

    public override IDictionary<object, object?> Items
    {
        get => _items ??= new ConnectionItems();
        set => _items = value;
    }

    public override IDuplexPipe Transport { get; set; }

    public override EndPoint? LocalEndPoint { get; set; }

    public override EndPoint? RemoteEndPoint { get; set; }

    public override CancellationToken ConnectionClosed { get; set; }

    public override void Abort(ConnectionAbortedException abortReason) => Abort();

    public override void Abort()
    {
        _isAborted = true;
        _pipe.Shutdown();
    }

    public override async ValueTask DisposeAsync()
    {
        if (!_isAborted)
            await _pipe.LingerAsync(Patience);
        _pipe.Dispose();
        await base.DisposeAsync();
    }

    private static void End(LoopConnection connection) => connection._closed.Cancel();
}
