using System.Net;
using System.Net.Sockets;
using System.Text;
using Sallyport.Testing.Postgres;
using Sallyport.Testing.Wire;

namespace Sallyport.Load.Subjects;

/// <summary>
/// A server that answers from memory, so that the proxy before it is what limits: it asked the real PostgreSQL once for its greeting and
/// for the answers to a few queries, and gives these back to anybody. Whatever else a client asks (the gateway reads the catalogue) it
/// passes on to the real one, over a connection that it makes then.
/// </summary>
public sealed class CannedUpstream : IDisposable
{
    /// <summary>Its answer is the rows of the table's beginning, over and over.</summary>
    public const string Wide = "select * from wide";

    private const int SampledRows = 20_000;
    private static readonly string[] Asked = ["select 1", "DISCARD ALL"];

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly PostgresServer _postgres;
    private readonly Dictionary<string, ReadOnlyMemory<byte>[]> _answers = [];
    private byte[] _greeting = [];

    private CannedUpstream(PostgresServer postgres)
    {
        _postgres = postgres;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(4096);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    /// <summary>Asks PostgreSQL and listens. The wide answer gets as many whole samples as fit into so many bytes, at least one.</summary>
    public static async Task<CannedUpstream> StartAsync(PostgresServer postgres, long wideBytes)
    {
        var server = new CannedUpstream(postgres);
        await using var client = await RawPostgresClient.ConnectAsync("127.0.0.1", postgres.Port);
        await client.SendAsync(Messages.Startup(Messages.ProtocolThreeZero, ("user", "postgres"), ("database", "postgres")));
        server._greeting = Bytes(await client.ReadThroughAsync('Z'));
        foreach (var sql in Asked)
            server._answers[sql] = [Bytes(await client.QueryAsync(sql))];

        var wide = await client.QueryAsync($"{Wide} limit {SampledRows}");
        var rows = wide.Where(message => message.Type == 'D').ToList();
        var sample = Bytes(rows);
        var times = (int)Math.Max(1, wideBytes / sample.Length);
        server._answers[Wide] = [
            Bytes(wide[..1]),
            .. Enumerable.Repeat<ReadOnlyMemory<byte>>(sample, times),
            Messages.Join(Messages.Message('C', Messages.CString($"SELECT {(long)rows.Count * times}")), Bytes(wide[^1..])),
        ];
        _ = server.AcceptAsync();
        return server;
    }

    public void Dispose() => _listener.Dispose();

    private static byte[] Bytes(IEnumerable<PostgresMessage> messages)
    {
        var bytes = new MemoryStream();
        foreach (var message in messages)
            bytes.Write(Messages.Message(message.Type, message.Body));
        return bytes.ToArray();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The run is over.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using var client = new Conversation(socket);
        Conversation? real = null;
        try
        {
            socket.NoDelay = true;
            await client.ReadStartupAsync();
            await socket.SendAsync(_greeting);
            while (await client.ReadRequestAsync() is { } request)
            {
                if (request.Span[0] == 'Q' && _answers.TryGetValue(Encoding.UTF8.GetString(request.Span[5..^1]), out var answer))
                {
                    foreach (var part in answer)
                        await client.SendAsync(part);
                    continue;
                }

                real ??= await ConnectAsync();
                await real.SendAsync(request);
                await real.RelayAnswerAsync(client);
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            // The client or the real server is gone.
        }
        finally
        {
            real?.Dispose();
        }
    }

    private async Task<Conversation> ConnectAsync()
    {
        var target = _postgres.Target;
        return new Conversation(((NetworkStream)(await RawPostgresClient.LoginAsync(target)).Detach()).Socket);
    }
}
