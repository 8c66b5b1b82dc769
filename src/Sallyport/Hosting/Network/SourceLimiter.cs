using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Sallyport.Hosting.Network;

/// <summary>
/// Closes connections of an address that has as many as it may, before a byte of them is read: one source that connects and says
/// nothing takes no more than its share.
/// </summary>
internal sealed class SourceLimiter
{
    private readonly ConcurrentDictionary<IPAddress, int> _open = new();
    private readonly int _limit;

    public SourceLimiter(int limit) => _limit = limit;

    public async Task InvokeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var source = (connection.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None;
        if (!TryEnter(source))
        {
            connection.Abort(new ConnectionAbortedException("too many connections of this address"));
            return;
        }
        try
        {
            await next(connection);
        }
        finally
        {
            Leave(source);
        }
    }

    public bool TryEnter(IPAddress source)
    {
        if (_open.AddOrUpdate(source, 1, static (_, count) => count + 1) <= _limit)
            return true;
        Leave(source);
        return false;
    }

    public void Leave(IPAddress source)
    {
        var left = _open.AddOrUpdate(source, 0, static (_, count) => count - 1);
        if (left == 0)
            _open.TryRemove(new KeyValuePair<IPAddress, int>(source, 0));
    }
}
