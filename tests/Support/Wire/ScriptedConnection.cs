using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Sallyport.Testing.Wire;

/// <summary>One accepted connection of a <see cref="ScriptedUpstream"/>: what a script can do.</summary>
public sealed class ScriptedConnection : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly NetworkStream _stream;
    private readonly CancellationToken _stopping;

    internal ScriptedConnection(Socket socket, CancellationToken stopping)
    {
        socket.NoDelay = true;
        _socket = socket;
        _stream = new NetworkStream(socket, ownsSocket: true);
        _stopping = stopping;
    }

    public async Task SendAsync(params byte[][] messages) => await _stream.WriteAsync(Messages.Join(messages), _stopping);

    /// <summary>Sends one byte at a time.</summary>
    public async Task DripAsync(byte[] bytes, TimeSpan pause)
    {
        foreach (var single in bytes)
        {
            await SendAsync([single]);
            await Task.Delay(pause, _stopping);
        }
    }

    /// <summary>Sends one message of any size, its body made while it is sent.</summary>
    public async Task StreamAsync(char type, long bodyLength)
    {
        await SendAsync([(byte)type], Messages.Int32(checked((int)(bodyLength + 4))));
        var block = new byte[64 * 1024];
        for (var left = bodyLength; left > 0; left -= block.Length)
            await _stream.WriteAsync(block.AsMemory(0, (int)Math.Min(left, block.Length)), _stopping);
    }

    /// <summary>Reads a message of the start phase: its code and what follows.</summary>
    public async Task<(int Code, byte[] Body)> ReadInitialAsync()
    {
        var header = await ReadBytesAsync(8);
        var rest = await ReadBytesAsync(BinaryPrimitives.ReadInt32BigEndian(header) - 8);
        return (BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(4)), rest);
    }

    public async Task<PostgresMessage> ReadAsync()
    {
        var header = await ReadBytesAsync(5);
        return new PostgresMessage((char)header[0], await ReadBytesAsync(BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(1)) - 4));
    }

    /// <summary>Refuses TLS, takes any user without a password, and is ready: an ordinary trust login.</summary>
    public async Task AcceptLoginAsync()
    {
        while ((await ReadInitialAsync()).Code is Messages.SslRequest or Messages.GssRequest)
            await SendAsync("N"u8.ToArray());
        await SendAsync(
            Messages.Message('R', Messages.Int32(0)),
            Messages.Message('S', Messages.CString("server_version"), Messages.CString("15.0")),
            Messages.Message('S', Messages.CString("client_encoding"), Messages.CString("UTF8")),
            Messages.Message('S', Messages.CString("standard_conforming_strings"), Messages.CString("on")),
            Messages.Message('K', Messages.Int32(1), Messages.Int32(2)),
            Ready());
    }

    /// <summary>ReadyForQuery: I idle, T in a transaction, E in a failed one.</summary>
    public static byte[] Ready(char status = 'I') => Messages.Message('Z', [(byte)status]);

    /// <summary>Has the connection end with a TCP reset when the script is over.</summary>
    public void Reset() => _socket.LingerState = new LingerOption(true, 0);

    /// <summary>Says nothing more until the test is over.</summary>
    public Task WaitAsync() => Task.Delay(Timeout.Infinite, _stopping);

    /// <summary>RowDescription of text columns.</summary>
    public static byte[] RowDescription(params string[] columns) => Messages.Message(
        'T',
        [Messages.Int16((short)columns.Length), .. columns.Select(name => Messages.Join(
            Messages.CString(name),
            Messages.Int32(0),
            Messages.Int16(0),
            Messages.Int32(25),
            Messages.Int16(-1),
            Messages.Int32(-1),
            Messages.Int16(0)))]);

    /// <summary>DataRow of text values.</summary>
    public static byte[] DataRow(params string[] values) => Messages.Message(
        'D',
        [Messages.Int16((short)values.Length), .. values.Select(value => Messages.Join(
            Messages.Int32(Encoding.UTF8.GetByteCount(value)), Encoding.UTF8.GetBytes(value)))]);

    public static byte[] CommandComplete(string tag) => Messages.Message('C', Messages.CString(tag));

    /// <summary>ErrorResponse of the given fields, e.g. ('S', "ERROR").</summary>
    public static byte[] Error(params (char Code, string Text)[] fields) =>
        Messages.Message('E', [.. fields.Select(f => Messages.Join([(byte)f.Code], Messages.CString(f.Text))), [0]]);

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private async Task<byte[]> ReadBytesAsync(int count)
    {
        var bytes = new byte[count];
        await _stream.ReadExactlyAsync(bytes, _stopping);
        return bytes;
    }
}
