using System.IO.Pipelines;
using System.Net.Security;
using Sallyport.Sockets.Loops;
using Sallyport.Sockets.Pipes;

namespace Sallyport.Postgres.Upstream;

/// <summary>
/// A connection to an upstream server after its login: the pipe, the server's cancel key, and the parameters that it reported.
/// Owns socket and TLS stream.
/// </summary>
public sealed class UpstreamConnection : IAsyncDisposable
{
    private readonly SocketPipe _socket;
    private readonly SslStream? _tls;
    private readonly IDuplexPipe _pipe;
    private List<KeyValuePair<string, string>>? _parameters = [];

    private UpstreamConnection(SocketPipe socket, SslStream? tls, IDuplexPipe pipe)
    {
        _socket = socket;
        _tls = tls;
        _pipe = pipe;
    }

    public PipeReader Input => _pipe.Input;

    public PipeWriter Output => _pipe.Output;

    public SslStream? Tls => _tls;

    /// <summary>Where its continuations run.</summary>
    public SocketLoop Loop => _socket.Loop;

    public int ProcessId { get; internal set; }

    public byte[] CancelKey { get; internal set; } = [];

    /// <summary>Parameters as ParameterStatus gave them, in the order of arrival.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Parameters => _parameters ?? (IReadOnlyList<KeyValuePair<string, string>>)[];

    /// <summary>The client was told; nobody else asks, and a session may wait for hours.</summary>
    public void ForgetParameters() => _parameters = null;

    internal void Report(string parameter, string value) => _parameters?.Add(new(parameter, value));

    internal static UpstreamConnection Over(SocketPipe socket) => new(socket, null, socket);

    internal static UpstreamConnection OverTls(SocketPipe socket, SslStream tls) =>
        new(socket, tls, new StreamPipe(
            PipeReader.Create(tls, new StreamPipeReaderOptions(BlockPool.Instance, bufferSize: 32 * 1024, leaveOpen: true)),
            PipeWriter.Create(tls, new StreamPipeWriterOptions(BlockPool.Instance, leaveOpen: true))));

    /// <summary>Ends both directions, so that whoever reads or writes comes back. Frees nothing.</summary>
    public void Shutdown() => _socket.Shutdown();

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
