using System.IO.Pipelines;
using System.Net.Security;
using System.Net.Sockets;
using Pipelines.Sockets.Unofficial;

namespace Sallyport.Postgres.Upstream;

/// <summary>
/// A connection to an upstream server after its login: the pipe, the server's cancel key, and the parameters that it reported.
/// Owns socket and TLS stream.
/// </summary>
public sealed class UpstreamConnection : IAsyncDisposable
{
    // An idle connection waits without holding a block.
    private const SocketConnectionOptions Engine = SocketConnectionOptions.ZeroLengthReads | SocketConnectionOptions.InlineReads | SocketConnectionOptions.InlineWrites;

    private readonly Socket _socket;
    private readonly SslStream? _tls;
    private readonly IDuplexPipe _pipe;

    private UpstreamConnection(Socket socket, SslStream? tls, IDuplexPipe pipe)
    {
        _socket = socket;
        _tls = tls;
        _pipe = pipe;
    }

    public PipeReader Input => _pipe.Input;

    public PipeWriter Output => _pipe.Output;

    public SslStream? Tls => _tls;

    public int ProcessId { get; internal set; }

    public byte[] CancelKey { get; internal set; } = [];

    /// <summary>Parameters as ParameterStatus gave them, in the order of arrival.</summary>
    public List<KeyValuePair<string, string>> Parameters { get; private set; } = [];

    /// <summary>The client was told; nobody else asks, and a session may wait for hours.</summary>
    public void ForgetParameters() => Parameters = [];

    internal static UpstreamConnection OverSocket(Socket socket, PipeOptions options) =>
        new(socket, null, SocketConnection.Create(socket, options, Engine));

    internal static UpstreamConnection OverTls(Socket socket, SslStream tls, System.Buffers.MemoryPool<byte> pool) =>
        new(socket, tls, new StreamPipe(
            PipeReader.Create(tls, new StreamPipeReaderOptions(pool, bufferSize: 32 * 1024, leaveOpen: true)),
            PipeWriter.Create(tls, new StreamPipeWriterOptions(pool, leaveOpen: true))));

    /// <summary>Ends both directions, so that whoever reads or writes comes back. Frees nothing.</summary>
    public void Shutdown()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (SocketException)
        {
        }
        catch (ObjectDisposedException)
        {
        }
    }

    public async ValueTask DisposeAsync()
    {
        Shutdown();
        await Output.CompleteAsync();
        await Input.CompleteAsync();
        if (_tls is not null)
            await _tls.DisposeAsync();
        _socket.Dispose();
    }

    private sealed record StreamPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
