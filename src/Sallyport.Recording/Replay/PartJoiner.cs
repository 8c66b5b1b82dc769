using System.Buffers;
using Sallyport.Recording.Ring;

namespace Sallyport.Recording.Replay;

/// <summary>Joins the parts of one session's records; a record whose end never came is handed out as not whole.</summary>
internal sealed class PartJoiner
{
    private readonly ArrayBufferWriter<byte> _parts = new();
    private RecordHeader _open;
    private bool _isOpen;

    public void Add(in RecordHeader header, ReadOnlySpan<byte> body, List<RecordedItem> items)
    {
        if (!header.Flags.HasFlag(PartFlags.Continued) && Abandoned() is { } rest)
            items.Add(rest);
        if (header.Flags == PartFlags.None)
        {
            items.Add(Make(header, body.ToArray(), true));
            return;
        }
        if (!_isOpen)
            _open = header;
        _isOpen = true;
        _parts.Write(body);
        if (header.Flags.HasFlag(PartFlags.More))
            return;
        items.Add(Make(_open, _parts.WrittenSpan.ToArray(), !_open.Flags.HasFlag(PartFlags.Continued)));
        Clear();
    }

    /// <summary>The record that has begun and not ended, if any.</summary>
    public RecordedItem? Abandoned()
    {
        if (!_isOpen)
            return null;
        var item = Make(_open, _parts.WrittenSpan.ToArray(), false);
        Clear();
        return item;
    }

    private static RecordedItem Make(in RecordHeader header, byte[] payload, bool isWhole) =>
        new(new DateTimeOffset(header.Ticks, TimeSpan.Zero), header.Kind, header.Sequence, payload, isWhole);

    private void Clear()
    {
        _parts.ResetWrittenCount();
        _isOpen = false;
    }
}
