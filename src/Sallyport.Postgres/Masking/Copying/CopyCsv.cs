using System.Buffers;
using Sallyport.Postgres.Sql;

namespace Sallyport.Postgres.Masking;

/// <summary>
/// The csv format as the server writes it: a field is quoted whole or not at all, and NULL never is. A header is a row like others
/// (PostgreSQL manual, COPY, "CSV Format").
/// </summary>
internal sealed class CopyCsv : CopyFraming
{
    private enum State : byte
    {
        Start,
        Plain,
        Quoted,

        /// <summary>Behind the escape, where that is not the quote.</summary>
        Escaped,

        /// <summary>Behind a quote: the field's end, or the first of two.</summary>
        Closed,
    }

    private readonly CopyRow _row;
    private readonly byte _delimiter;
    private readonly byte _quote;
    private readonly byte _escape;
    private readonly bool _forcesQuotes;
    private readonly byte[] _null;
    private readonly SearchValues<byte> _quoted;
    private State _state;
    private bool _hasEscapes;
    private bool _isInRow;

    public CopyCsv(CopyRow row, CopyOptions options)
    {
        _row = row;
        _delimiter = options.Delimiter;
        _quote = options.Quote;
        _escape = options.Escape;
        _forcesQuotes = options.ForcesQuotes;
        _null = [.. options.Null];
        _quoted = SearchValues.Create([_delimiter, _quote, (byte)'\n', (byte)'\r']);
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
            if (!TryScan(input, ref at, out var isEnd))
                return CopyOutcome.Refused;
            if (!isEnd)
                continue;
            var isLast = input[at] == '\n';
            if (!_row.IsKept)
            {
                _row.Append(input[given..at]);
                given = at;
                if (!TryEndField())
                    return CopyOutcome.TooLarge;
            }
            at++;
            _state = State.Start;
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

    public override CopyOutcome Relieve(IBufferWriter<byte> output) => CopyText.Relieve(_row, output);

    /// <summary>
    /// One step on, to the delimiter or newline that ends the field where there is one. False when the server would not write it so.
    /// </summary>
    private bool TryScan(ReadOnlySpan<byte> input, ref int at, out bool isEnd)
    {
        isEnd = false;
        switch (_state)
        {
            case State.Start:
                _state = input[at] == _quote ? State.Quoted : State.Plain;
                at += _state == State.Quoted ? 1 : 0;
                return true;
            case State.Plain:
                at = Find(input, at, input[at..].IndexOfAny(_delimiter, (byte)'\n', _quote));
                isEnd = at < input.Length;
                return !isEnd || input[at] != _quote;
            case State.Quoted:
                at = Find(input, at, input[at..].IndexOfAny(_quote, _escape));
                if (at < input.Length)
                    _state = input[at++] == _quote ? State.Closed : State.Escaped;
                return true;
            case State.Escaped:
                _state = State.Quoted;
                _hasEscapes = true;
                var escaped = input[at++];
                return escaped == _quote || escaped == _escape;
            default:
                if (_escape != _quote || input[at] != _quote)
                {
                    isEnd = true;
                    return input[at] == _delimiter || input[at] == '\n';
                }
                _state = State.Quoted;
                _hasEscapes = true;
                at++;
                return true;
        }
    }

    private static int Find(ReadOnlySpan<byte> input, int at, int found) => found < 0 ? input.Length : at + found;

    private bool TryEndField()
    {
        var field = _row.Field;
        if (!_row.IsDropping && field.SequenceEqual(_null))
            return true;
        var value = _state == State.Closed && !_row.IsDropping ? field[1..^1] : field;
        if (_hasEscapes && !_row.IsDropping)
        {
            var decoded = _row.Decoded;
            Decode(value, decoded);
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

    private void Decode(ReadOnlySpan<byte> field, RowBuffer value)
    {
        while (true)
        {
            var run = field.IndexOf(_escape);
            if (run < 0 || run == field.Length - 1)
                break;
            value.Append(field[..run]);
            value.Append(field.Slice(run + 1, 1));
            field = field[(run + 2)..];
        }
        value.Append(field);
    }

    // Quoted by what it is, never because the value that it replaces was: that would tell of it.
    private void Encode(ReadOnlySpan<byte> value)
    {
        if (!_forcesQuotes && !value.ContainsAny(_quoted) && !value.SequenceEqual(_null) && !value.SequenceEqual("\\."u8))
        {
            _row.Append(value);
            return;
        }
        ReadOnlySpan<byte> quote = [_quote];
        _row.Append(quote);
        while (true)
        {
            var run = value.IndexOfAny(_quote, _escape);
            if (run < 0)
                break;
            _row.Append(value[..run]);
            _row.Append([_escape, value[run]]);
            value = value[(run + 1)..];
        }
        _row.Append(value);
        _row.Append(quote);
    }
}
