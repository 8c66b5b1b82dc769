using System.Buffers;
using Sallyport.Postgres.Sql;

namespace Sallyport.Postgres.Masking;

/// <summary>
/// The text format: a row a line, fields between delimiters, a backslash before what is not itself. The server sends no end-of-data
/// mark in this version of the protocol (PostgreSQL manual, COPY, "Text Format").
/// </summary>
internal sealed class CopyText : CopyFraming
{
    private readonly CopyRow _row;
    private readonly byte _delimiter;
    private readonly byte[] _null;
    private readonly SearchValues<byte> _special;
    private bool _isEscaped;
    private bool _hasEscapes;
    private bool _isInRow;

    public CopyText(CopyRow row, CopyOptions options)
    {
        _row = row;
        _delimiter = options.Delimiter;
        _null = [.. options.Null];
        _special = SearchValues.Create([(byte)'\\', (byte)'\b', (byte)'\f', (byte)'\n', (byte)'\r', (byte)'\t', (byte)'\v', _delimiter]);
    }

    public override bool IsBetweenRows => !_isInRow;

    public override CopyOutcome Feed(ReadOnlySpan<byte> input)
    {
        // What stands before has been given to the row.
        var given = 0;
        var at = 0;
        while (at < input.Length)
        {
            _isInRow = true;
            if (_isEscaped)
            {
                _isEscaped = false;
                at++;
                continue;
            }
            var next = input[at..].IndexOfAny(_delimiter, (byte)'\\', (byte)'\n');
            if (next < 0)
                break;
            at += next;
            if (input[at] == '\\')
            {
                _isEscaped = _hasEscapes = true;
                at++;
                continue;
            }
            var isLast = input[at] == '\n';
            if (!_row.IsKept)
            {
                _row.Append(input[given..at]);
                given = at;
                if (!TryEndField())
                    return CopyOutcome.TooLarge;
            }
            at++;
            _hasEscapes = false;
            _isInRow = !isLast;
            if (!_row.Next(isLast))
                return CopyOutcome.Refused;
            if (!_row.IsKept)
            {
                _row.Append(input[given..at]);
                given = at;
                _row.MarkField();
            }
        }
        _row.Append(input[given..]);
        return CopyOutcome.Taken;
    }

    public override CopyOutcome Relieve(IBufferWriter<byte> output) => Relieve(_row, output);

    /// <summary>For the formats whose rows may be sent in parts.</summary>
    public static CopyOutcome Relieve(CopyRow row, IBufferWriter<byte> output)
    {
        row.SendDecided(output);
        if (!row.IsFull)
            return CopyOutcome.Taken;
        if (!row.IsMasked)
            return CopyOutcome.TooLarge;
        row.Drop();
        return CopyOutcome.Taken;
    }

    private bool TryEndField()
    {
        var field = _row.Field;
        if (!_row.IsDropping && field.SequenceEqual(_null))
            return true;
        var value = field;
        if (_hasEscapes && !_row.IsDropping)
        {
            var decoded = _row.Decoded;
            Decode(field, decoded);
            value = decoded.Written;
        }
        switch (_row.Judge(value))
        {
            case FieldVerdict.Null:
                _row.Rewrite();
                _row.Append(_null);
                return true;
            case FieldVerdict.Replace:
                _row.Rewrite();
                Encode(_row.Replacement);
                return true;
            case var verdict:
                return verdict == FieldVerdict.Keep;
        }
    }

    // The server writes no other escapes than these and the delimiter; \x41 and \101 are for those who write by hand.
    private static void Decode(ReadOnlySpan<byte> field, RowBuffer value)
    {
        while (true)
        {
            var run = field.IndexOf((byte)'\\');
            if (run < 0 || run == field.Length - 1)
                break;
            value.Append(field[..run]);
            value.Append([Meant(field[run + 1])]);
            field = field[(run + 2)..];
        }
        value.Append(field);
    }

    private void Encode(ReadOnlySpan<byte> value)
    {
        while (true)
        {
            var run = value.IndexOfAny(_special);
            if (run < 0)
                break;
            _row.Append(value[..run]);
            _row.Append([(byte)'\\', Letter(value[run])]);
            value = value[(run + 1)..];
        }
        _row.Append(value);
    }

    private static byte Meant(byte letter) => letter switch
    {
        (byte)'b' => (byte)'\b',
        (byte)'f' => (byte)'\f',
        (byte)'n' => (byte)'\n',
        (byte)'r' => (byte)'\r',
        (byte)'t' => (byte)'\t',
        (byte)'v' => (byte)'\v',
        _ => letter,
    };

    private static byte Letter(byte meant) => meant switch
    {
        (byte)'\b' => (byte)'b',
        (byte)'\f' => (byte)'f',
        (byte)'\n' => (byte)'n',
        (byte)'\r' => (byte)'r',
        (byte)'\t' => (byte)'t',
        (byte)'\v' => (byte)'v',
        _ => meant,
    };
}
