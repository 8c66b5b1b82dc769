using System.Buffers.Binary;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Channels;

/// <summary>
/// All that goes to one end of a channel, in one order: the confirmation of its opening, data, ends, requests, replies, close. What can
/// be sent at once is written straight into the leg; the rest waits here, never more than the sender's window,
/// however small its messages, and <see cref="MaxControls"/> others. Guarded by the session's lock.
/// </summary>
internal sealed class Flow(Leg leg, ChannelEnd end, Action<Flow> settled)
{
    /// <summary>How many messages other than data may wait.</summary>
    public const int MaxControls = 256;

    /// <summary>How many bytes of those may wait: as many as the longest one has.</summary>
    public const int MaxControlBytes = 256 * 1024;

    private readonly Queue<Item> _items = new();
    private Item? _last;
    private int _controls;
    private int _controlBytes;
    private bool _isEnded;
    private bool _isClosed;

    public Leg Leg => leg;

    public ChannelEnd End => end;

    /// <summary>Data that came from the sender and for which it was not credited yet.</summary>
    public uint Owed { get; set; }

    /// <summary>It is in the leg's list of those that wait.</summary>
    public bool IsAwaited { get; set; }

    /// <summary>Nothing passes until somebody has decided.</summary>
    public bool IsHeld { get; private set; }

    /// <summary>All that was given has been written.</summary>
    public bool IsEmpty => _items.Count == 0;

    /// <summary>Too many messages wait: the peer sends requests faster than they can be answered.</summary>
    public bool IsCrowded => _controls > MaxControls || _controlBytes > MaxControlBytes;

    public long BytesSent { get; private set; }

    public void Hold() => IsHeld = true;

    /// <summary>
    /// Lets messages through again, and gives back what had waited, in its order: who decided may have to send something before it, and
    /// look at it first.
    /// </summary>
    public IReadOnlyList<Item> Release()
    {
        IsHeld = false;
        Item[] waiting = [.. _items];
        Clear();
        return waiting;
    }

    /// <summary>Forgets what waits: nobody wants it any more.</summary>
    public void Drop()
    {
        Clear();
        IsHeld = false;
        settled(this);
    }

    /// <summary>A message that is not data; <paramref name="rest"/> is what follows the peer's number. Nothing goes behind a close.</summary>
    public void Send(MessageNumber number, ReadOnlySpan<byte> rest)
    {
        if (_isClosed || (_isEnded && number == MessageNumber.ChannelEof))
            return;
        _isEnded |= number == MessageNumber.ChannelEof;
        _isClosed = number == MessageNumber.ChannelClose;
        if (_items.Count == 0 && !IsHeld && TryWrite(number, rest))
            return;
        Add(new Item(number, rest));
        _controls++;
        _controlBytes += rest.Length;
    }

    /// <summary>Data of a stream: 0 is CHANNEL_DATA, another the type of CHANNEL_EXTENDED_DATA.</summary>
    public void SendData(uint type, ReadOnlySpan<byte> data)
    {
        if (_isClosed || _isEnded)
            return;
        if (_items.Count == 0 && !IsHeld)
            data = data[WriteData(type, data)..];
        if (!data.IsEmpty && _last is { IsData: true } last && last.Type == type)
            data = data[last.Append(data)..];
        if (!data.IsEmpty)
            Add(new Item(type == 0 ? MessageNumber.ChannelData : MessageNumber.ChannelExtendedData, data) { Type = type });
    }

    /// <summary>Sends what waits, as far as it can be sent.</summary>
    public void Drain()
    {
        while (!IsHeld && _items.TryPeek(out var item))
        {
            if (item.IsData)
            {
                item.Sent += WriteData(item.Type, item.Bytes[item.Sent..]);
                if (item.Sent < item.Bytes.Length)
                    return;
            }
            else if (!TryWrite(item.Number, item.Bytes))
            {
                return;
            }
            else
            {
                _controls--;
                _controlBytes -= item.Bytes.Length;
            }
            _items.Dequeue();
        }
        if (_items.Count > 0)
            return;
        _last = null;
        settled(this);
    }

    private void Clear()
    {
        _items.Clear();
        _last = null;
        _controls = 0;
        _controlBytes = 0;
        (_isEnded, _isClosed) = (end.HasSentEof, end.HasSentClose);
    }

    private void Add(Item item)
    {
        _items.Enqueue(item);
        _last = item;
    }

    private bool TryWrite(MessageNumber number, ReadOnlySpan<byte> rest)
    {
        Span<byte> head = stackalloc byte[5];
        head[0] = (byte)number;
        BinaryPrimitives.WriteUInt32BigEndian(head[1..], end.PeerNumber);
        if (!end.IsOpen || !leg.TryWrite(head, rest))
        {
            if (end.IsOpen)
                leg.Await(this);
            return false;
        }
        end.HasSentEof |= number == MessageNumber.ChannelEof;
        end.HasSentClose |= number == MessageNumber.ChannelClose;
        return true;
    }

    /// <summary>Writes as much as window and leg take; says how much.</summary>
    private int WriteData(uint type, ReadOnlySpan<byte> data)
    {
        if (!end.IsOpen)
            return 0;
        Span<byte> head = stackalloc byte[13];
        var size = type == 0 ? 9 : 13;
        head[0] = (byte)(type == 0 ? MessageNumber.ChannelData : MessageNumber.ChannelExtendedData);
        BinaryPrimitives.WriteUInt32BigEndian(head[1..], end.PeerNumber);
        if (type != 0)
            BinaryPrimitives.WriteUInt32BigEndian(head[5..], type);
        var written = 0;
        while (written < data.Length)
        {
            var length = (int)Math.Min(Math.Min((uint)(data.Length - written), (uint)end.PeerMaxPacket), end.PeerWindow);
            if (length == 0)
                break;
            BinaryPrimitives.WriteUInt32BigEndian(head[(size - 4)..], (uint)length);
            if (!leg.TryWrite(head[..size], data.Slice(written, length)))
            {
                leg.Await(this);
                break;
            }
            end.Spend(length);
            written += length;
        }
        BytesSent += written;
        return written;
    }

    /// <summary>What waits: data of a stream, or one message without its number and the peer's.</summary>
    public sealed class Item(MessageNumber number, ReadOnlySpan<byte> bytes)
    {
        private byte[] _bytes = bytes.ToArray();
        private int _length = bytes.Length;

        public MessageNumber Number => number;

        public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

        public uint Type { get; init; }

        public int Sent { get; set; }

        public bool IsData => number is MessageNumber.ChannelData or MessageNumber.ChannelExtendedData;

        /// <summary>Takes as much as one message may have, so that a message of one byte costs a byte; says how much.</summary>
        public int Append(ReadOnlySpan<byte> data)
        {
            var taken = Math.Clamp((int)ChannelEnd.MaxPacket - _length, 0, data.Length);
            if (_length + taken > _bytes.Length)
                Array.Resize(ref _bytes, Math.Min((int)ChannelEnd.MaxPacket, Math.Max(_length + taken, _length * 2)));
            data[..taken].CopyTo(_bytes.AsSpan(_length));
            _length += taken;
            return taken;
        }
    }
}
