using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sallyport.Testing.Wire;

/// <summary>
/// A fake PostgreSQL server for what a real one never does: it runs a script for each connection it accepts and then closes it.
/// Scripts are made from <see cref="ScriptedConnection"/>; <see cref="UglyScripts"/> holds the known ones.
/// </summary>
public sealed class ScriptedUpstream : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Func<ScriptedConnection, Task> _script;
    private readonly Task _accepting;

    public ScriptedUpstream(Func<ScriptedConnection, Task> script)
    {
        _script = script;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>How many connections came so far.</summary>
    public int Accepted { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            var socket = await _listener.AcceptSocketAsync(_stopping.Token);
            Accepted++;
            _ = ServeAsync(socket);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        await using var connection = new ScriptedConnection(socket, _stopping.Token);
        try
        {
            await _script(connection);
        }
        catch (Exception failure) when (failure is IOException or OperationCanceledException or SocketException)
        {
            // The gateway hung up on us, which is what most scripts provoke.
        }
    }
}
