using System.Buffers.Binary;
using System.Net.Sockets;
using Sallyport.Testing.Runners;
using Sallyport.Testing.Wire;

namespace Sallyport.Load.Wire;

/// <summary>
/// One client connection that runs a prepared statement or streams a table over a blocking socket. After the login nothing is allocated:
/// requests are patched in place and answers only walked, so that the client's own cost stays small beside what is measured.
/// </summary>
public sealed class LoadConnection : IDisposable
{
    private const int KeyOffsetInBind = 5 + 1 + 5 + 2 + 2 + 2 + 4;

    private readonly Socket _socket;
    private readonly byte[] _request = MakeRequest();
    private readonly byte[] _buffer = new byte[256 * 1024];

    private LoadConnection(Socket socket)
    {
        _socket = socket;
    }

    /// <summary>Logs in, with SCRAM where asked, and prepares the statement the transactions run.</summary>
    public static async Task<LoadConnection> OpenAsync(ConnectionTarget target)
    {
        var client = await RawPostgresClient.LoginAsync(target);
        await client.SendAsync(
            Messages.Message('P', Messages.CString("load"), Messages.CString("select abalance from pgbench_accounts where aid = $1"),
                Messages.Int16(1), Messages.Int32(23)),
            Messages.Sync());
        var answer = await client.ReadThroughAsync('Z');
        if (answer[0].Type != '1')
            throw new InvalidOperationException($"The statement was not prepared: {answer[0]}");
        return new LoadConnection(client.Detach());
    }

    /// <summary>One transaction: Bind, Execute and Sync in one write, answers to ReadyForQuery. Throws on an ErrorResponse.</summary>
    public void Transact(int key)
    {
        BinaryPrimitives.WriteInt32BigEndian(_request.AsSpan(KeyOffsetInBind), key);
        _socket.Send(_request);
        DrainToReady();
    }

    /// <summary>Runs a simple query and gives back how many bytes its answer had.</summary>
    public long Stream(string sql)
    {
        _socket.Send(Messages.Query(sql));
        return DrainToReady();
    }

    public void Dispose() => _socket.Dispose();

    private long DrainToReady()
    {
        long total = 0;
        var (held, next) = (0, 0);
        while (true)
        {
            // next is where the next message starts; it may lie beyond what has been read.
            while (held - next >= 5)
            {
                var type = _buffer[next];
                if (type == 'E')
                    throw new InvalidOperationException("The server refused a command of the load.");
                next += 1 + BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(next + 1));
                if (type == 'Z')
                    return total;
            }

            var kept = Math.Max(0, held - next);
            if (kept > 0)
                _buffer.AsSpan(next, kept).CopyTo(_buffer);
            next = Math.Max(0, next - held);
            held = kept;
            var read = _socket.Receive(_buffer.AsSpan(held));
            if (read == 0)
                throw new EndOfStreamException("The connection was closed under load.");
            held += read;
            total += read;
        }
    }

    // Binary key, binary result.
    private static byte[] MakeRequest() => Messages.Join(
        Messages.Message('B', Messages.CString(""), Messages.CString("load"), Messages.Int16(1), Messages.Int16(1), Messages.Int16(1),
            Messages.Int32(4), Messages.Int32(1), Messages.Int16(1), Messages.Int16(1)),
        Messages.Execute(""),
        Messages.Sync());
}
