using System.Buffers;
using Sallyport.Core;

namespace Sallyport.Postgres.Masking;

/// <summary>What is to become of a field.</summary>
internal enum FieldVerdict : byte
{
    Keep,
    Null,

    /// <summary>See <see cref="CopyRow.Replacement"/>.</summary>
    Replace,
    TooLarge,
}

/// <summary>
/// The row of a COPY that is being read: its bytes as they will be sent, where the present field begins in them, and the plan. Owns
/// pooled buffers.
/// </summary>
internal sealed class CopyRow
{
    private const int HeaderLength = 5;

    private readonly ITextMasker _masker;
    private readonly int _limit;
    private readonly RowBuffer _bytes = new();
    private readonly RowBuffer _value = new();
    private readonly RowBuffer _replacement = new();
    private RowPlan _plan = new([], Detectors.None);
    private int _column;
    private int _fieldStart;
    private bool _isHeader;
    private bool _isDropping;

    public CopyRow(ITextMasker masker, int limit)
    {
        _masker = masker;
        _limit = limit;
    }

    public int Columns => _plan.Columns.Length;

    public int Limit => _limit;

    public bool IsFull => _bytes.Length - HeaderLength > _limit;

    /// <summary>The present field passes as it is, unread.</summary>
    public bool IsKept { get; private set; }

    /// <summary>Of the present field, as it came; of one that is not kept.</summary>
    public ReadOnlySpan<byte> Field => _bytes.Written[_fieldStart..];

    public int FieldLength => _bytes.Length - _fieldStart;

    public ReadOnlySpan<byte> Replacement => _replacement.Written;

    public bool IsLastColumn => _column + 1 == Columns;

    public bool IsMasked => _plan.Columns.ItemRef(_column).Mask is not null;

    /// <summary>A masked field too long to be held: its bytes are not kept, and its mask does not see them.</summary>
    public bool IsDropping => _isDropping;

    /// <summary>Room for a value without its escapes.</summary>
    public RowBuffer Decoded
    {
        get
        {
            _value.Clear();
            return _value;
        }
    }

    public void Begin(RowPlan plan, bool hasHeader)
    {
        _plan = plan;
        _isHeader = hasHeader;
        Clear();
        StartField(0);
    }

    /// <summary>Adds what came, or what is written in its place.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (!_isDropping)
            _bytes.Append(bytes);
    }

    /// <summary>Notes that the present field begins here.</summary>
    public void MarkField() => _fieldStart = _bytes.Length;

    /// <summary>On to the next field. False when the row has too many, or ended with too few.</summary>
    public bool Next(bool isLast)
    {
        var fits = isLast == IsLastColumn;
        _isHeader &= !isLast;
        if (fits)
            StartField(isLast ? 0 : _column + 1);
        return fits;
    }

    /// <summary>What the plan makes of a value that is not NULL.</summary>
    public FieldVerdict Judge(ReadOnlySpan<byte> value)
    {
        ref readonly var column = ref _plan.Columns.ItemRef(_column);
        _replacement.Clear();
        // Of a field that is too long, nothing may depend on how much of it was here at once.
        var isUnseen = _isDropping || FieldLength > _limit;
        if (column.Mask is { } mask)
        {
            var room = _replacement.GetSpan((isUnseen ? 0 : value.Length) + mask.MostAdded);
            var isWritten = isUnseen ? mask.TryWriteUnseen(room, out var size) : mask.TryWrite(_masker, value, room, out size);
            _replacement.Advance(size);
            return isWritten ? FieldVerdict.Replace : FieldVerdict.Null;
        }
        if (isUnseen)
            return FieldVerdict.TooLarge;
        if (!FieldScrubber.Finds(_masker, _plan.Detectors, column.Type, column.Content, value))
            return FieldVerdict.Keep;
        _replacement.Append(value);
        FieldScrubber.Scrub(_masker, _plan.Detectors, column.Type, column.Content, _replacement.Last(value.Length));
        return FieldVerdict.Replace;
    }

    /// <summary>Forgets what came of the field; what is appended next stands in its place.</summary>
    public void Rewrite()
    {
        _isDropping = false;
        _bytes.Truncate(_fieldStart);
    }

    /// <summary>Forgets the rest of the present field too, as it comes.</summary>
    public void Drop()
    {
        _bytes.Truncate(_fieldStart);
        _isDropping = true;
    }

    /// <summary>Writes all that is held as one CopyData message.</summary>
    public void Send(IBufferWriter<byte> output) => Send(_bytes.Length, output);

    /// <summary>Writes what stands before the present field, or all when that is kept.</summary>
    public void SendDecided(IBufferWriter<byte> output) => Send(IsKept ? _bytes.Length : _fieldStart, output);

    public void Release()
    {
        _bytes.Release();
        _value.Release();
        _replacement.Release();
    }

    private void Send(int end, IBufferWriter<byte> output)
    {
        if (end == HeaderLength)
            return;
        _bytes.SetInt32(1, end - 1);
        output.Write(_bytes.Written[..end]);
        var left = _bytes.Length - end;
        _bytes.Remove(HeaderLength, end - HeaderLength);
        _fieldStart = _bytes.Length - left;
    }

    private void Clear()
    {
        Span<byte> header = [(byte)'d', 0, 0, 0, 0];
        _bytes.Clear();
        _bytes.Append(header);
        _isDropping = false;
    }

    private void StartField(int column)
    {
        _column = column;
        _fieldStart = _bytes.Length;
        ref readonly var plan = ref _plan.Columns.ItemRef(column);
        IsKept = _isHeader || (plan.Mask is null && (plan.Content == FieldContent.None || _plan.Detectors == Detectors.None));
    }
}
