using System.Buffers.Binary;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Sftp;

/// <summary>What a call of the inspector came to.</summary>
public enum SftpStep : byte
{
    /// <summary>All of the input was taken; there is nothing to forward until more comes.</summary>
    NeedInput,

    /// <summary>Forward what was given, then call again with the input that was not consumed.</summary>
    Forward,

    /// <summary>
    /// <see cref="SftpInspector.Pending"/> waits for <see cref="SftpInspector.Permit"/> or <see cref="SftpInspector.Refuse"/>. Requests
    /// wait behind it; answers go on.
    /// </summary>
    Decide,

    /// <summary>A peer broke the protocol (<see cref="SftpInspector.Fault"/>): end the channel.</summary>
    Broken,
}

/// <summary>
/// SFTP version 3 between a client and a target: what the client asks is decided before the target sees it, what is refused is answered
/// here, what goes through open files is counted and hashed. Bytes in, bytes out, cut anywhere, without I/O; spans that it gives are valid
/// until the next call in the same direction. READ, WRITE and DATA allocate nothing and are forwarded as slices of the input. Not
/// thread-safe: both directions share what is open.
/// </summary>
public sealed partial class SftpInspector : IDisposable
{
    private const int MostRequests = 4096;

    private readonly SftpHandles _handles = new();
    private readonly Dictionary<uint, SftpRequest> _requests = [];
    private readonly Queue<SftpTransfer> _transfers = new();
    private readonly SshWriter _injected = new();
    private int _injectedGiven;

    /// <summary>The operation that waits, or null.</summary>
    public SftpOperation? Pending => _pending.Operation;

    /// <summary>What a peer did wrong; null when nothing.</summary>
    public string? Fault { get; private set; }

    /// <summary><see cref="NextAnswer"/> has something to forward, whether or not the target has answered.</summary>
    public bool HasAnswers => _answerBody == 0 && _injected.Written.Length > _injectedGiven;

    /// <summary>The next file that was closed.</summary>
    public bool TryTakeTransfer(out SftpTransfer? transfer) => _transfers.TryDequeue(out transfer);

    /// <summary>The channel has ended: what is still open becomes transfers that were not closed.</summary>
    public void End()
    {
        foreach (var handle in _handles.Open)
            Report(handle, isClosed: false);
        foreach (var request in _requests.Values)
        {
            if (request.Type == SftpType.Close)
                Report(request.Handle!, isClosed: false);
        }
        _requests.Clear();
        Fault ??= "the channel has ended";
    }

    public void Dispose()
    {
        foreach (var handle in _handles.Open)
            handle.Dispose();
    }

    private void Report(SftpHandle handle, bool isClosed)
    {
        if (handle.Finish(isClosed) is { } transfer)
            _transfers.Enqueue(transfer);
        handle.Dispose();
    }

    private SftpStep Break(string fault)
    {
        Fault ??= fault;
        return SftpStep.Broken;
    }

    /// <summary>SSH_FXP_STATUS: u32 id, u32 code, string message (UTF-8), string language.</summary>
    private void Answer(uint id, SftpStatus status, string message)
    {
        var text = System.Text.Encoding.UTF8.GetBytes(SafeText.Show(message));
        _injected.UInt32((uint)(1 + 4 + 4 + 4 + text.Length + 4)).Byte((byte)SftpType.Status);
        _injected.UInt32(id).UInt32((uint)status).String(text).String([]);
    }

    /// <summary>How many bytes must be there to know length and type; 0 when they are, -1 as soon as no packet is so long.</summary>
    private static int NeededOfStart(ReadOnlySpan<byte> bytes) => bytes.Length switch
    {
        < SftpProtocol.LengthSize => SftpProtocol.LengthSize,
        SftpProtocol.LengthSize => TotalLength(bytes) < 0 ? -1 : SftpProtocol.LengthSize + 1,
        _ => 0,
    };

    /// <summary>The packet's whole length, its own included; 0 when it is not there yet, -1 when no packet is so long.</summary>
    private static int TotalLength(ReadOnlySpan<byte> bytes)
    {
        if (!BinaryPrimitives.TryReadUInt32BigEndian(bytes, out var length))
            return 0;
        return length is > 0 and <= SftpProtocol.LongestPacket ? (int)length + SftpProtocol.LengthSize : -1;
    }

    /// <summary>The start of a packet that came in pieces. Grows to what has come, never to what was announced.</summary>
    private struct Pieces
    {
        private byte[] _bytes;

        public int Length { get; private set; }

        public readonly ReadOnlySpan<byte> Span => _bytes.AsSpan(0, Length);

        /// <summary>Takes from <paramref name="input"/> what lacks to <paramref name="wanted"/> bytes; true when they are there.</summary>
        public bool Fill(ReadOnlySpan<byte> input, scoped ref int at, int wanted)
        {
            var take = Math.Min(wanted - Length, input.Length - at);
            if (take > 0)
            {
                Add(input.Slice(at, take));
                at += take;
            }
            return Length >= wanted;
        }

        public void Add(ReadOnlySpan<byte> bytes)
        {
            if (_bytes is null || _bytes.Length < Length + bytes.Length)
                Array.Resize(ref _bytes, Math.Max(Length + bytes.Length, Math.Max(512, Length * 2)));
            bytes.CopyTo(_bytes.AsSpan(Length));
            Length += bytes.Length;
        }

        public void Clear() => Length = 0;
    }
}
