using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using Sallyport.Core;

namespace Sallyport.Postgres.Replay;

/// <summary>Turns the server's messages, as the client saw them, into results, errors and notices.</summary>
internal sealed class AnswerReader(int maxRows)
{
    private readonly MessageGatherer _messages = new();
    private readonly List<ImmutableArray<string?>> _rows = [];
    private ImmutableArray<(string Name, uint Type, bool IsBinary)>? _columns;
    private long _rowCount;
    private long _copyBytes;
    private bool _reported;

    public void Add(DateTimeOffset at, ReadOnlySpan<byte> bytes, List<TranscriptItem> items)
    {
        _messages.Add(bytes);
        while (_messages.TryTake(out var type, out var body))
        {
            if (!TryRead(at, type, body, items))
                items.Add(new UnreadableItem(at, $"a malformed '{type}' message of {body.Length} bytes"));
        }
        if (_messages.IsBroken && !_reported)
        {
            _reported = true;
            items.Add(new UnreadableItem(at, "an answer whose message length is impossible"));
        }
    }

    private bool TryRead(DateTimeOffset at, char type, ReadOnlySpan<byte> body, List<TranscriptItem> items)
    {
        switch (type)
        {
            case 'T':
                return TryReadColumns(body);
            case 'D':
                return TryReadRow(body);
            case 'd':
                _copyBytes += body.Length;
                return true;
            case 'C' or 'I' or 's':
                EndResult(at, type == 'C' ? Text(body.TrimEnd((byte)0)) : type == 'I' ? "(empty)" : "(more rows wait)", items);
                return true;
            case 'E' or 'N':
                if (type == 'E')
                    EndResult(at, "(error)", items);
                items.Add(ReadFields(at, type == 'E', body));
                return true;
            default:
                return true;
        }
    }

    private void EndResult(DateTimeOffset at, string tag, List<TranscriptItem> items)
    {
        if (_copyBytes > 0)
            items.Add(new CopyItem(at, true, _copyBytes));
        if (tag != "(error)" || _rowCount > 0)
        {
            ImmutableArray<string>? names = _columns is { } columns ? [.. columns.Select(static column => column.Name)] : null;
            items.Add(new ResultItem(at, names, [.. _rows], _rowCount, tag));
        }
        _rows.Clear();
        _rowCount = 0;
        _copyBytes = 0;
        if (tag != "(more rows wait)")
            _columns = null;
    }

    /// <summary>i16 count; each: name, zero, i32 relation, i16 column, i32 type, i16 size, i32 modifier, i16 format.</summary>
    private bool TryReadColumns(ReadOnlySpan<byte> body)
    {
        if (body.Length < 2)
            return false;
        var count = BinaryPrimitives.ReadInt16BigEndian(body);
        body = body[2..];
        var columns = ImmutableArray.CreateBuilder<(string, uint, bool)>();
        for (var i = 0; i < count; i++)
        {
            var end = body.IndexOf((byte)0);
            if (end < 0 || body.Length < end + 19)
                return false;
            var fixedPart = body[(end + 1)..];
            var type = BinaryPrimitives.ReadUInt32BigEndian(fixedPart[6..]);
            columns.Add((Text(body[..end]), type, BinaryPrimitives.ReadInt16BigEndian(fixedPart[16..]) == 1));
            body = fixedPart[18..];
        }
        _columns = columns.ToImmutable();
        return true;
    }

    /// <summary>i16 count; each: i32 length (-1 null), bytes.</summary>
    private bool TryReadRow(ReadOnlySpan<byte> body)
    {
        _rowCount++;
        if (body.Length < 2)
            return false;
        var count = BinaryPrimitives.ReadInt16BigEndian(body);
        body = body[2..];
        var cells = ImmutableArray.CreateBuilder<string?>();
        for (var i = 0; i < count; i++)
        {
            if (body.Length < 4)
                return false;
            var length = BinaryPrimitives.ReadInt32BigEndian(body);
            body = body[4..];
            if (length > body.Length || length < -1)
                return false;
            var column = _columns is { } columns && i < columns.Length ? columns[i] : default;
            cells.Add(length < 0 ? null : BinaryValue.ToText(column.Type, column.IsBinary, body[..length]));
            body = body[Math.Max(length, 0)..];
        }
        if (_rows.Count < maxRows)
            _rows.Add(cells.ToImmutable());
        return true;
    }

    private static MessageItem ReadFields(DateTimeOffset at, bool isError, ReadOnlySpan<byte> body)
    {
        var fields = new Dictionary<char, string>();
        while (body.Length > 1 && body[0] != 0)
        {
            var end = body.IndexOf((byte)0);
            if (end < 0)
                break;
            fields[(char)body[0]] = Text(body[1..end]);
            body = body[(end + 1)..];
        }
        return new MessageItem(
            at, isError, fields.GetValueOrDefault('V') ?? fields.GetValueOrDefault('S', ""), fields.GetValueOrDefault('C', ""),
            fields.GetValueOrDefault('M', ""), fields.GetValueOrDefault('D'), fields.GetValueOrDefault('H'));
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);
}
