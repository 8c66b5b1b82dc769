using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using Sallyport.Sockets.Loops;
using Sallyport.Sockets.Native;

namespace Sallyport.Sockets.Pipes;

/// <summary>
/// A connected stream socket as a pair of pipes on a loop. Owns the socket. Both directions must be quiet when it is disposed:
/// <see cref="Shutdown()"/> makes them so.
/// </summary>
public sealed class SocketPipe : IDuplexPipe, IDisposable
{
    private readonly Socket _socket;
    private readonly SocketReader _reader;
    private readonly SocketWriter _writer;
    private readonly Action<object?>? _ended;
    private readonly object? _endedState;
    private int _slot = -1;
    private int _isEnded;

    private SocketPipe(Socket socket, SocketLoop loop, Action<object?>? ended, object? endedState)
    {
        _socket = socket;
        _ended = ended;
        _endedState = endedState;
        Handle = socket.SafeHandle;
        Loop = loop;
        _reader = new SocketReader(this);
        _writer = new SocketWriter(this);
    }

    public PipeReader Input => _reader;

    public PipeWriter Output => _writer;

    public SocketLoop Loop { get; }

    public EndPoint? LocalEndPoint => _socket.LocalEndPoint;

    public EndPoint? RemoteEndPoint => _socket.RemoteEndPoint;

    internal SafeSocketHandle Handle { get; }

    /// <summary>Takes over a connected socket that was never used asynchronously.</summary>
    /// <param name="socket">Owned from now on, also when this throws.</param>
    /// <param name="loop">Runs whatever waits for it.</param>
    /// <param name="ended">Called once, on the loop's thread, when the peer sends no more or is gone, whether or not anybody reads.</param>
    /// <param name="state">Goes to <paramref name="ended"/>.</param>
    /// <exception cref="IOException">The kernel has no room for it.</exception>
    public static SocketPipe Over(Socket socket, SocketLoop loop, Action<object?>? ended = null, object? state = null)
    {
        var pipe = new SocketPipe(socket, loop, ended, state);
        pipe.Join();
        return pipe;
    }

    /// <summary>Completes when the connect that was begun on the socket has ended.</summary>
    /// <exception cref="SocketException">Nobody listens there.</exception>
    internal async ValueTask ConnectedAsync(CancellationToken cancellationToken)
    {
        await _writer.ConnectedAsync(cancellationToken).ConfigureAwait(false);
        if (_socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error) is int failed and not 0)
            throw new SocketException(failed);
    }

    /// <summary>Ends both directions, so that whoever reads or writes comes back. Frees nothing.</summary>
    public void Shutdown() => Shutdown(SocketShutdown.Both);

    /// <summary>Ends one direction or both.</summary>
    public void Shutdown(SocketShutdown direction)
    {
        try
        {
            _socket.Shutdown(direction);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Already gone.
        }
    }

    /// <summary>
    /// Ends sending, and reads what the peer still sends until it ends too: closing a socket with unread bytes makes the kernel reset
    /// the connection, and the peer may lose the last words that it was sent.
    /// </summary>
    public async ValueTask LingerAsync(TimeSpan within)
    {
        Shutdown(SocketShutdown.Send);
        _reader.Reopen();
        using var deadline = new CancellationTokenSource(within);
        try
        {
            while (true)
            {
                var result = await _reader.ReadAsync(deadline.Token).ConfigureAwait(false);
                _reader.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                    return;
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException)
        {
            // Gone, or not interested in an orderly end.
        }
    }

    public void Dispose()
    {
        _writer.Complete();
        _reader.Complete();
        _socket.Dispose();
        var slot = Interlocked.Exchange(ref _slot, -1);
        if (slot >= 0)
            Loop.Remove(slot);
    }

    /// <summary>From the loop: what the kernel says of the socket.</summary>
    internal void Notice(Readiness seen)
    {
        var isEnded = (seen & (Readiness.PeerEnded | Readiness.HungUp | Readiness.Failed)) != 0;
        if (isEnded && Interlocked.Exchange(ref _isEnded, 1) == 0)
            _ended?.Invoke(_endedState);
        if (isEnded || (seen & Readiness.Readable) != 0)
            _reader.Notice(isEnded);
        if ((seen & (Readiness.Writable | Readiness.HungUp | Readiness.Failed)) != 0)
            _writer.Notice();
    }

    private void Join()
    {
        try
        {
            _slot = Loop.Add(this);
        }
        catch
        {
            _socket.Dispose();
            throw;
        }
    }
}
