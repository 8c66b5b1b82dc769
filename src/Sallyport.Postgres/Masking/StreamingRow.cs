using System.Buffers;
using System.Buffers.Binary;
using Sallyport.Core;

namespace Sallyport.Postgres.Masking;

/// <summary>How far a streamed row is.</summary>
public enum StreamOutcome : byte
{
    /// <summary>The row goes on.</summary>
    More,

    /// <summary>The row is complete, and exactly as long as announced.</summary>
    Complete,

    /// <summary>The row is not of the plan's shape, or a masked field cannot be filled at its length: the session must end.</summary>
    Refused,
}

/// <summary>
/// Masks a DataRow that is too large to be held, as it arrives, in bounded memory. What comes out has exactly the length of what
/// goes in, so masks become fillers (see <see cref="Filler"/>). How the input is cut does not change the output. One per session,
/// reused; not thread-safe.
/// </summary>
public sealed class StreamingRow
{
    /// <summary>Rows up to this many bytes belong to <see cref="RowMasker"/>.</summary>
    public const int DefaultLimit = 256 * 1024;

    private const int LargestPiece = 16 * 1024;

    private enum Step : byte
    {
        Count,
        FieldLength,
        Field,
        Complete,
        Refused,
    }

    private readonly FieldWindow _window;
    private readonly byte[] _number = new byte[sizeof(int)];
    private RowPlan _plan = new([], Detectors.None);
    private Step _step = Step.Complete;
    private int _numberLength;
    private int _column;
    private int _bodyLeft;
    private int _fieldLength;
    private int _fieldOffset;

    public StreamingRow(ITextMasker masker) => _window = new FieldWindow(masker);

    /// <summary>Starts a row and writes its type and length.</summary>
    /// <param name="plan">The result's plan.</param>
    /// <param name="bodyLength">The bytes behind type and length.</param>
    /// <param name="output">Takes the header.</param>
    public void Begin(RowPlan plan, int bodyLength, IBufferWriter<byte> output)
    {
        _plan = plan;
        _bodyLeft = bodyLength;
        _step = Step.Count;
        _numberLength = _column = 0;
        var header = output.GetSpan(RowMasker.HeaderLength);
        header[0] = (byte)'D';
        BinaryPrimitives.WriteInt32BigEndian(header[1..], bodyLength + sizeof(int));
        output.Advance(RowMasker.HeaderLength);
    }

    /// <summary>
    /// Takes the next part of the body and writes what is decided. More bytes than the row has left are refused. After
    /// <see cref="StreamOutcome.Refused"/> nothing more is written.
    /// </summary>
    public StreamOutcome Feed(ReadOnlySpan<byte> input, IBufferWriter<byte> output)
    {
        if (input.Length > _bodyLeft) _step = Step.Refused;
        while (!input.IsEmpty && _step != Step.Refused)
        {
            var taken = _step == Step.Field ? TakeField(input, output) : TakeNumber(input, output);
            input = input[taken..];
            _bodyLeft -= taken;
        }

        return _step switch
        {
            Step.Complete => StreamOutcome.Complete,
            Step.Refused => StreamOutcome.Refused,
            _ => StreamOutcome.More,
        };
    }

    /// <summary>Gives the buffer back; the next row takes a new one.</summary>
    public void Release() => _window.Release();

    private int TakeNumber(ReadOnlySpan<byte> input, IBufferWriter<byte> output)
    {
        var wanted = _step == Step.Count ? sizeof(short) : sizeof(int);
        var taken = Math.Min(wanted - _numberLength, input.Length);
        input[..taken].CopyTo(_number.AsSpan(_numberLength));
        _numberLength += taken;
        if (_numberLength < wanted) return taken;

        _numberLength = 0;
        var left = _bodyLeft - taken;
        var accepted = _step == Step.Count ? AcceptCount(left) : AcceptLength(left);
        if (accepted) output.Write(_number.AsSpan(0, wanted));
        else _step = Step.Refused;
        return taken;
    }

    private bool AcceptCount(int left)
    {
        if (BinaryPrimitives.ReadUInt16BigEndian(_number) != _plan.Columns.Length) return false;
        return NextField(left);
    }

    private bool AcceptLength(int left)
    {
        _fieldLength = BinaryPrimitives.ReadInt32BigEndian(_number);
        if (_fieldLength is -1 or 0)
        {
            // An empty value of a masked column must be one that the filler could give.
            var isFilled = _fieldLength == -1 || _plan.Columns[_column].Mask is not { } empty || Filler.TryCreate(empty, 0, out _);
            _column++;
            return isFilled && NextField(left);
        }

        if (_fieldLength < 0 || _fieldLength > left) return false;
        if (_plan.Columns[_column].Mask is { } mask && !Filler.TryCreate(mask, _fieldLength, out _)) return false;
        _fieldOffset = 0;
        _step = Step.Field;
        if (IsScrubbed(_plan.Columns[_column])) _window.Begin();
        return true;
    }

    private int TakeField(ReadOnlySpan<byte> input, IBufferWriter<byte> output)
    {
        var taken = Math.Min(input.Length, Math.Min(_fieldLength - _fieldOffset, LargestPiece));
        var piece = input[..taken];
        var isLast = _fieldOffset + taken == _fieldLength;
        ref readonly var column = ref _plan.Columns.ItemRef(_column);
        if (column.Mask is { } mask)
        {
            Filler.TryCreate(mask, _fieldLength, out var filler);
            filler.Apply(_fieldOffset, piece, output.GetSpan(taken));
            output.Advance(taken);
        }
        else if (IsScrubbed(column))
        {
            _window.Add(piece, isLast, column, _plan.Detectors, output);
        }
        else
        {
            output.Write(piece);
        }

        _fieldOffset += taken;
        if (!isLast) return taken;
        _column++;
        if (!NextField(_bodyLeft - taken)) _step = Step.Refused;
        return taken;
    }

    /// <summary>False when the bytes left cannot be the fields left.</summary>
    private bool NextField(int left)
    {
        var fieldsLeft = _plan.Columns.Length - _column;
        _step = fieldsLeft == 0 ? Step.Complete : Step.FieldLength;
        return fieldsLeft == 0 ? left == 0 : left >= (long)fieldsLeft * sizeof(int);
    }

    private bool IsScrubbed(in ColumnPlan column) => column.Content != FieldContent.None && _plan.Detectors != Detectors.None;
}
