using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Sallyport.EndToEnd.Tests.Gateway;
using Sallyport.Testing.Wire;

namespace Sallyport.EndToEnd.Tests.Breaks;

/// <summary>
/// Plays one conversation (log-in, rows, a pipeline, COPY both ways, a hold) and is gone when it has sent a given number of bytes. Every
/// message of it has the same length each time.
/// </summary>
internal sealed class CutClient : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly List<int> _ends = [];
    private NetworkStream _stream = null!;
    private int _sent;
    private int _left;

    /// <summary>Where each message of the conversation ends, in bytes sent.</summary>
    public IReadOnlyList<int> Ends => _ends;

    /// <summary>Plays until so many bytes are sent, then leaves: by a reset, or by a FIN and waiting for the gateway's own.</summary>
    public static async Task PlayAsync(int port, int bytes, bool reset)
    {
        using var client = new CutClient();
        await client.PlayAsync(port, bytes);
        if (reset)
            client._socket.LingerState = new LingerOption(true, 0);
        else
            await client.LeaveAsync();
    }

    /// <summary>True when the whole conversation was played.</summary>
    public async Task<bool> PlayAsync(int port, int bytes)
    {
        _left = bytes;
        await _socket.ConnectAsync("127.0.0.1", port);
        _stream = new NetworkStream(_socket, ownsSocket: false);
        return await LoginAsync()
            && await TurnAsync('Z', Messages.Query("select id, name, ssn from customers order by id"))
            && await TurnAsync('Z',
                Messages.Parse("s", "select ssn, name from customers where id < $1"), Messages.Bind("", "s", "4"), Messages.Execute(""),
                Messages.Bind("p", "s", "9"), Messages.Describe('P', "p"), Messages.Execute("p", 2), Messages.Sync())
            && await TurnAsync('G', Messages.Query("copy notes from stdin"))
            && await TurnAsync('Z',
                Messages.Message('d', "1\tone\n2\ttw"u8.ToArray()), Messages.Message('d', "o\n"u8.ToArray()), Messages.Message('c'))
            && await TurnAsync('Z', Messages.Query("copy notes to stdout"))
            && await TurnAsync('G',
                Messages.Parse("", "copy notes from stdin"), Messages.Bind("", ""), Messages.Execute(""), Messages.Sync())
            && await TurnAsync('Z', Messages.Message('d', "3\tthree\n"u8.ToArray()), Messages.Message('c'), Messages.Sync())
            && await TurnAsync('Z', Messages.Query("begin"))
            && await TurnAsync('N', Messages.Query("delete from notes where id = 1"))
            && await SendAsync(Messages.Terminate());
    }

    public void Dispose() => _socket.Dispose();

    private async Task<bool> LoginAsync()
    {
        var scram = new ScramClient(ShopGateway.Secret);
        var first = Encoding.UTF8.GetBytes(scram.First);
        if (!await TurnAsync('R', Messages.Startup(Messages.ProtocolThreeZero, ("user", "worker"), ("database", "shop")))
            || !await SendAsync(Messages.Message('p', Messages.CString("SCRAM-SHA-256"), Messages.Int32(first.Length), first)))
            return false;
        var challenge = await ReadAsync();
        var final = scram.Final(Encoding.UTF8.GetString(challenge.Body.AsSpan(4)));
        return await TurnAsync('Z', Messages.Message('p', Encoding.UTF8.GetBytes(final)));
    }

    private async Task<bool> TurnAsync(char until, params byte[][] messages)
    {
        if (!await SendAsync(messages))
            return false;
        while (await ReadAsync() is { } message && message.Type != until)
            Assert.NotEqual('E', message.Type);
        return true;
    }

    /// <summary>False when the last byte that may be sent is sent.</summary>
    private async Task<bool> SendAsync(params byte[][] messages)
    {
        foreach (var message in messages)
            _ends.Add(_sent += message.Length);
        var all = Messages.Join(messages);
        var part = Math.Min(all.Length, _left);
        _left -= part;
        await _stream.WriteAsync(all.AsMemory(0, part));
        return _left > 0;
    }

    private async Task<PostgresMessage> ReadAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        var header = new byte[5];
        await _stream.ReadExactlyAsync(header, patience.Token);
        var body = new byte[BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(1)) - 4];
        await _stream.ReadExactlyAsync(body, patience.Token);
        return new PostgresMessage((char)header[0], body);
    }

    private async Task LeaveAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        _socket.Shutdown(SocketShutdown.Send);
        try
        {
            while (await _stream.ReadAsync(new byte[4096], patience.Token) > 0)
            {
            }
        }
        catch (IOException)
        {
            // A reset is an end too.
        }
    }
}
