using System.Diagnostics;
using System.Net.Sockets;
using Sallyport.Testing.Runners;
using Sallyport.Testing.Wire;

namespace Sallyport.Load.Wire;

/// <summary>
/// One client connection over blocking calls, with or without TLS: transactions one after the other, or a large answer. After the login
/// nothing is allocated and nothing decoded, so that the client's own cost stays small beside what is measured.
/// </summary>
public sealed class LoadConnection : IDisposable
{
    private readonly Stream _stream;
    private readonly Transaction _transaction = new(QueryMode.Prepared);
    private readonly byte[] _buffer = new byte[256 * 1024];
    private AnswerWalker _walker;

    private LoadConnection(Stream stream)
    {
        _stream = stream;
    }

    /// <summary>Logs in and makes ready for transactions of this mode.</summary>
    public static async Task<Stream> LoginAsync(ConnectionTarget target, QueryMode mode)
    {
        var client = await RawPostgresClient.LoginAsync(target);
        await client.SendAsync(Transaction.Preparation(mode));
        var answer = await client.ReadThroughAsync('Z');
        return answer.All(message => message.Type != 'E')
            ? client.Detach()
            : throw new InvalidOperationException($"The statement was not prepared: {answer[0].Field('M')}");
    }

    /// <summary>Logs in and prepares the statement the transactions run.</summary>
    public static async Task<LoadConnection> OpenAsync(ConnectionTarget target) => new(await LoginAsync(target, QueryMode.Prepared));

    /// <summary>Logs in, for large answers alone.</summary>
    public static async Task<LoadConnection> OpenForStreamsAsync(ConnectionTarget target) =>
        new((await RawPostgresClient.LoginAsync(target)).Detach());

    /// <summary>The nth transaction, to its end. Throws on an ErrorResponse.</summary>
    public void Transact(int n)
    {
        _stream.Write(_transaction.Request(n));
        Drain();
    }

    /// <summary>Runs a simple query and gives back how many bytes its answer had.</summary>
    public long Stream(string sql)
    {
        _stream.Write(Messages.Query(sql));
        return Drain();
    }

    /// <summary>How long a query's first row takes; the rest is left unread, so the connection is of no more use.</summary>
    public TimeSpan FirstRow(string sql)
    {
        var request = Messages.Query(sql);
        var started = Stopwatch.GetTimestamp();
        _stream.Write(request);
        while (!_walker.HasRow)
            _ = Read(out _);
        return Stopwatch.GetElapsedTime(started);
    }

    /// <summary>Runs a COPY … FROM STDIN of one piece of data many times over; gives back how many bytes were sent.</summary>
    public long CopyIn(string sql, byte[] data, int times)
    {
        _stream.Write(Messages.Query(sql));
        if (Read(out _) == 0 || _buffer[0] != 'G')
            throw new InvalidDataException("The server did not answer COPY with CopyInResponse.");
        var piece = Messages.Message('d', data);
        for (var i = 0; i < times; i++)
            _stream.Write(piece);
        _stream.Write(Messages.Message('c'));
        Drain();
        return (long)piece.Length * times;
    }

    /// <summary>Asks and does not read, with a small receive buffer, so that the answer backs up into the proxy.</summary>
    public void AskAndIgnore(string sql)
    {
        ((NetworkStream)_stream).Socket.ReceiveBufferSize = 4096;
        _stream.Write(Messages.Query(sql));
    }

    /// <summary>Ends by a reset, which leaves no port waiting.</summary>
    public void Dispose()
    {
        if (_stream is NetworkStream plain)
            plain.Socket.LingerState = new LingerOption(true, 0);
        _stream.Dispose();
    }

    private long Drain()
    {
        long total = 0;
        bool isOver;
        do
            total += Read(out isOver);
        while (!isOver);
        return total;
    }

    private int Read(out bool isOver)
    {
        var read = _stream.Read(_buffer);
        if (read == 0)
            throw new EndOfStreamException("The connection was closed under load.");
        isOver = _walker.Take(_buffer.AsSpan(0, read));
        _walker.ThrowIfRefused();
        return read;
    }
}
