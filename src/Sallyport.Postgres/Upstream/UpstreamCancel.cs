using System.Buffers.Binary;
using Sallyport.Postgres.Wire;

namespace Sallyport.Postgres.Upstream;

/// <summary>Sends a CancelRequest for one upstream connection, over a connection of its own. The server gives no answer.</summary>
internal static class UpstreamCancel
{
    public static async Task SendAsync(UpstreamConnector connector, PostgresResource resource, UpstreamConnection target, TimeSpan within)
    {
        if (target.CancelKey.Length == 0)
            return;
        using var deadline = new CancellationTokenSource(within);
        try
        {
            var (fault, connection) = await connector.OpenAsync(resource, null, deadline.Token);
            if (fault != UpstreamFault.None)
                return;
            await using (connection)
            {
                var request = new byte[12 + target.CancelKey.Length];
                BinaryPrimitives.WriteInt32BigEndian(request, request.Length);
                BinaryPrimitives.WriteInt32BigEndian(request.AsSpan(4), StartupCode.Cancel);
                BinaryPrimitives.WriteInt32BigEndian(request.AsSpan(8), target.ProcessId);
                target.CancelKey.CopyTo(request.AsSpan(12));
                await connection!.Output.WriteAsync(request, deadline.Token);
                // The server closes when it has acted: only then may ours be closed, or a TLS server might never read it.
                await connection.Input.ReadAsync(deadline.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or System.Net.Sockets.SocketException
            or InvalidOperationException)
        {
            // A cancel is a wish; what it did not reach runs on.
        }
    }
}
