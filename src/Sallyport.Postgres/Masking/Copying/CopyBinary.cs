using System.Buffers;
using System.Buffers.Binary;

namespace Sallyport.Postgres.Masking;

/// <summary>
/// The binary format: eleven bytes of signature, int32 flags, int32 length of an extension and that; then rows as in a DataRow, and
/// int16 -1 behind the last (PostgreSQL manual, COPY, "Binary Format").
/// </summary>
internal sealed class CopyBinary : CopyFraming
{
    private const int SignatureLength = 11;
    private const int HeaderLength = 19;

    // The bits that a reader must know; none is used any more.
    private const uint CriticalFlags = 0xFFFF0000;

    private enum Step : byte
    {
        Header,
        Extension,
        Count,
        Length,
        Field,
        Ended,
    }

    private readonly CopyRow _row;
    private readonly byte[] _number = new byte[HeaderLength];
    private int _numberLength;
    private Step _step;
    private int _left;

    public CopyBinary(CopyRow row) => _row = row;

    private static ReadOnlySpan<byte> Signature => "PGCOPY\n"u8;

    private static ReadOnlySpan<byte> SignatureEnd => [0xFF, (byte)'\r', (byte)'\n', 0];

    public override bool IsBetweenRows => _step is Step.Count or Step.Ended && _numberLength == 0;

    public override CopyOutcome Feed(ReadOnlySpan<byte> input)
    {
        while (!input.IsEmpty)
        {
            var outcome = _step is Step.Field or Step.Extension ? TakeBytes(ref input) : TakeNumber(ref input);
            if (outcome != CopyOutcome.Taken)
                return outcome;
        }
        return CopyOutcome.Taken;
    }

    /// <summary>Drivers take a message for a row, so no part of one is sent.</summary>
    public override CopyOutcome Relieve(IBufferWriter<byte> output) => CopyOutcome.TooLarge;

    private CopyOutcome TakeNumber(ref ReadOnlySpan<byte> input)
    {
        if (_step == Step.Ended)
            return CopyOutcome.Refused;
        var wanted = _step switch
        {
            Step.Header => HeaderLength,
            Step.Length => sizeof(int),
            _ => sizeof(short),
        };
        var taken = Math.Min(wanted - _numberLength, input.Length);
        input[..taken].CopyTo(_number.AsSpan(_numberLength));
        _numberLength += taken;
        input = input[taken..];
        if (_numberLength < wanted)
            return CopyOutcome.Taken;
        _numberLength = 0;
        // A row's count stands before its first field.
        if (_step != Step.Length)
            _row.Append(_number.AsSpan(0, wanted));
        return _step switch
        {
            Step.Header => AcceptHeader(),
            Step.Count => AcceptCount(),
            _ => AcceptLength(),
        };
    }

    private CopyOutcome AcceptHeader()
    {
        ReadOnlySpan<byte> header = _number;
        var flags = BinaryPrimitives.ReadUInt32BigEndian(header[SignatureLength..]);
        _left = BinaryPrimitives.ReadInt32BigEndian(header[(SignatureLength + sizeof(int))..]);
        _step = _left == 0 ? Step.Count : Step.Extension;
        var isSigned = header.StartsWith(Signature) && header[Signature.Length..SignatureLength].SequenceEqual(SignatureEnd);
        return isSigned && (flags & CriticalFlags) == 0 && _left >= 0 ? CopyOutcome.Taken : CopyOutcome.Refused;
    }

    private CopyOutcome AcceptCount()
    {
        var count = BinaryPrimitives.ReadInt16BigEndian(_number);
        _step = count == -1 ? Step.Ended : Step.Length;
        return count == -1 || count == _row.Columns ? CopyOutcome.Taken : CopyOutcome.Refused;
    }

    private CopyOutcome AcceptLength()
    {
        _row.MarkField();
        _row.Append(_number.AsSpan(0, sizeof(int)));
        _left = BinaryPrimitives.ReadInt32BigEndian(_number);
        if (_left == -1)
            return Next();
        if (_left < 0)
            return CopyOutcome.Refused;
        if (_left > _row.Limit - sizeof(int))
        {
            if (_row.IsKept || !_row.IsMasked)
                return CopyOutcome.TooLarge;
            _row.Drop();
        }
        _step = Step.Field;
        return _left == 0 ? EndField() : CopyOutcome.Taken;
    }

    private CopyOutcome TakeBytes(ref ReadOnlySpan<byte> input)
    {
        var taken = Math.Min(_left, input.Length);
        _row.Append(input[..taken]);
        input = input[taken..];
        _left -= taken;
        if (_left > 0)
            return CopyOutcome.Taken;
        if (_step == Step.Field)
            return EndField();
        _step = Step.Count;
        return CopyOutcome.Taken;
    }

    private CopyOutcome EndField()
    {
        if (_row.IsKept)
            return Next();
        switch (_row.Judge(_row.IsDropping ? default : _row.Field[sizeof(int)..]))
        {
            case FieldVerdict.Null:
                _row.Rewrite();
                _row.Append([0xFF, 0xFF, 0xFF, 0xFF]);
                break;
            case FieldVerdict.Replace:
                _row.Rewrite();
                BinaryPrimitives.WriteInt32BigEndian(_number, _row.Replacement.Length);
                _row.Append(_number.AsSpan(0, sizeof(int)));
                _row.Append(_row.Replacement);
                break;
            case FieldVerdict.TooLarge:
                return CopyOutcome.TooLarge;
        }
        return Next();
    }

    private CopyOutcome Next()
    {
        var isLast = _row.IsLastColumn;
        _step = isLast ? Step.Count : Step.Length;
        _row.Next(isLast);
        return CopyOutcome.Taken;
    }
}
