using System.Buffers.Binary;
using System.Net.Sockets;
using Sallyport.Load.Wire;
using Sallyport.Testing.Wire;

namespace Sallyport.Load.Subjects;

/// <summary>One socket's messages, for the canned upstream; its buffer begins small, since ten thousand may idle.</summary>
internal sealed class Conversation : IDisposable
{
    private readonly Socket _socket;
    private byte[] _buffer = new byte[512];
    private int _held;
    private int _taken;

    public Conversation(Socket socket)
    {
        _socket = socket;
    }

    /// <summary>Reads up to the startup message, and answers requests for encryption with no.</summary>
    public async Task ReadStartupAsync()
    {
        while (true)
        {
            while (_held < 4 || _held < BinaryPrimitives.ReadInt32BigEndian(_buffer))
                await FillAsync();
            var code = BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(4));
            Drop(BinaryPrimitives.ReadInt32BigEndian(_buffer));
            if (code is not (Messages.SslRequest or Messages.GssRequest))
                return;
            await _socket.SendAsync("N"u8.ToArray());
        }
    }

    /// <summary>The client's messages up to the next Query or Sync, valid until the next call; null when it says goodbye.</summary>
    public async Task<ReadOnlyMemory<byte>?> ReadRequestAsync()
    {
        Drop(_taken);
        _taken = 0;
        while (true)
        {
            while (_held - _taken < 5 || _held - _taken < Length())
                await FillAsync();
            var type = _buffer[_taken];
            _taken += Length();
            if (type == 'X')
                return null;
            if (type is (byte)'Q' or (byte)'S')
                return _buffer.AsMemory(0, _taken);
        }

        int Length() => 1 + BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(_taken + 1));
    }

    public async Task SendAsync(ReadOnlyMemory<byte> bytes) => await _socket.SendAsync(bytes);

    /// <summary>Passes an answer on to another, up to ReadyForQuery.</summary>
    public async Task RelayAnswerAsync(Conversation to)
    {
        var walker = new AnswerWalker();
        bool isOver;
        do
        {
            var read = await _socket.ReceiveAsync(_buffer);
            if (read == 0)
                throw new EndOfStreamException();
            isOver = walker.Take(_buffer.AsSpan(0, read));
            await to.SendAsync(_buffer.AsMemory(0, read));
        }
        while (!isOver);
    }

    public void Dispose() => _socket.Dispose();

    private async Task FillAsync()
    {
        if (_held == _buffer.Length)
            Array.Resize(ref _buffer, _buffer.Length * 2);
        var read = await _socket.ReceiveAsync(_buffer.AsMemory(_held));
        if (read == 0)
            throw new EndOfStreamException();
        _held += read;
    }

    private void Drop(int bytes)
    {
        _buffer.AsSpan(bytes, _held - bytes).CopyTo(_buffer);
        _held -= bytes;
    }
}
