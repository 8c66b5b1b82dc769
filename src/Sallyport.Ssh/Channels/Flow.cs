using System.Buffers.Binary;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Channels;

/// <summary>
/// All that goes to one end of a channel, in one order: the confirmation of its opening, data, ends, requests, replies, close. What can
/// be sent at once is written straight into the leg; the rest waits here, never more than the sender's window and
/// <see cref="MaxControls"/> messages. Guarded by the session's lock.
/// </summary>
internal sealed class Flow(Leg leg, ChannelEnd end, Action<Flow> settled)
{
    /// <summary>How many messages other than data may wait.</summary>
    public const int MaxControls = 256;

    private readonly Queue<Item> _items = new();
    private int _controls;
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
    public bool IsCrowded => _controls > MaxControls;

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
        Add(new Item(number, rest.ToArray()));
    }

    /// <summary>Data of a stream: 0 is CHANNEL_DATA, another the type of CHANNEL_EXTENDED_DATA.</summary>
    public void SendData(uint type, ReadOnlySpan<byte> data)
    {
        if (_isClosed || _isEnded)
            return;
        if (_items.Count == 0 && !IsHeld)
            data = data[WriteData(type, data)..];
        if (!data.IsEmpty)
            Add(new Item(type == 0 ? MessageNumber.ChannelData : MessageNumber.ChannelExtendedData, data.ToArray()) { Type = type });
    }

    /// <summary>Sends what waits, as far as it can be sent.</summary>
    public void Drain()
    {
        while (!IsHeld && _items.TryPeek(out var item))
        {
            if (item.IsData)
            {
                item.Sent += WriteData(item.Type, item.Bytes.AsSpan(item.Sent));
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
            }
            _items.Dequeue();
        }
        if (_items.Count == 0)
            settled(this);
    }

    private void Clear()
    {
        _items.Clear();
        _controls = 0;
        (_isEnded, _isClosed) = (end.HasSentEof, end.HasSentClose);
    }

    private void Add(Item item)
    {
        if (!item.IsData)
            _controls++;
        _items.Enqueue(item);
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

    /// <summary>A message that waits: data of a stream, or what follows the peer's number.</summary>
    public sealed class Item(MessageNumber number, byte[] bytes)
    {
        public MessageNumber Number => number;

        public byte[] Bytes => bytes;

        public uint Type { get; init; }

        public int Sent { get; set; }

        public bool IsData => number is MessageNumber.ChannelData or MessageNumber.ChannelExtendedData;
    }
}
