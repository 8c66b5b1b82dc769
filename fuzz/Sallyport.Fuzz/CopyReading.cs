using System.Buffers.Binary;
using Sallyport.Postgres.Sql;

namespace Sallyport.Fuzz;

/// <summary>Reads COPY data the slow and obvious way: all of it or, when something in it is wrong, nothing.</summary>
internal static class CopyReading
{
    /// <summary>Text and csv; a header is the first row. Null in a row is NULL.</summary>
    public static List<byte[]?[]>? Lines(ReadOnlySpan<byte> data, CopyOptions options, int columns)
    {
        var rows = new List<byte[]?[]>();
        var row = new List<byte[]?>();
        var at = 0;
        while (at < data.Length)
        {
            var isRead = options.Format == CopyFormat.Csv
                ? Csv(data, ref at, options, out var field)
                : Text(data, ref at, options, out field);
            // Each field has its end, the last of a row a newline.
            if (!isRead || at == data.Length || (data[at] != options.Delimiter && data[at] != '\n'))
                return null;
            row.Add(field);
            if (data[at++] != '\n')
                continue;
            if (row.Count != columns)
                return null;
            rows.Add([.. row]);
            row.Clear();
        }
        return row.Count == 0 && (data.IsEmpty || data[^1] == '\n') ? rows : null;
    }

    public static List<byte[]?[]>? Binary(ReadOnlySpan<byte> data, int columns)
    {
        var rows = new List<byte[]?[]>();
        if (data.IsEmpty)
            return null;
        if (data.Length < 19 || !data[..13].SequenceEqual((ReadOnlySpan<byte>)[.. "PGCOPY\n"u8, 0xFF, (byte)'\r', (byte)'\n', 0, 0, 0]))
            return null;
        var extension = BinaryPrimitives.ReadInt32BigEndian(data[15..]);
        if (extension < 0 || extension > data.Length - 19)
            return null;
        var at = 19 + extension;
        while (at < data.Length)
        {
            if (data.Length - at < 2)
                return null;
            var count = BinaryPrimitives.ReadInt16BigEndian(data[at..]);
            at += 2;
            if (count == -1)
                return at == data.Length ? rows : null;
            if (count != columns)
                return null;
            var row = new byte[]?[columns];
            for (var i = 0; i < columns; i++)
            {
                if (data.Length - at < 4)
                    return null;
                var length = BinaryPrimitives.ReadInt32BigEndian(data[at..]);
                at += 4;
                if (length < -1 || length > data.Length - at)
                    return null;
                row[i] = length < 0 ? null : data.Slice(at, length).ToArray();
                at += Math.Max(0, length);
            }
            rows.Add(row);
        }
        return rows;
    }

    private static bool Text(ReadOnlySpan<byte> data, ref int at, CopyOptions options, out byte[]? field)
    {
        var raw = new List<byte>();
        var value = new List<byte>();
        while (at < data.Length && data[at] != options.Delimiter && data[at] != '\n')
        {
            raw.Add(data[at]);
            if (data[at++] != '\\')
            {
                value.Add(raw[^1]);
                continue;
            }
            if (at == data.Length)
                break;
            raw.Add(data[at]);
            var known = "bfnrtv".IndexOf((char)data[at], StringComparison.Ordinal);
            value.Add(known < 0 ? data[at] : "\b\f\n\r\t\v"u8[known]);
            at++;
        }
        field = raw.SequenceEqual(options.Null) ? null : [.. value];
        return true;
    }

    private static bool Csv(ReadOnlySpan<byte> data, ref int at, CopyOptions options, out byte[]? field)
    {
        var value = new List<byte>();
        var isQuoted = data[at] == options.Quote;
        field = null;
        if (isQuoted)
        {
            for (at++; ; at++)
            {
                if (at == data.Length)
                    return false;
                var next = at + 1 < data.Length ? data[at + 1] : (byte)0;
                if (data[at] == options.Escape && (next == options.Quote || next == options.Escape))
                    at++;
                else if (data[at] == options.Quote)
                    break;
                else if (data[at] == options.Escape)
                    return false;
                value.Add(data[at]);
            }
            at++;
        }
        else
        {
            for (; at < data.Length && data[at] != options.Delimiter && data[at] != '\n'; at++)
            {
                if (data[at] == options.Quote)
                    return false;
                value.Add(data[at]);
            }
        }
        field = !isQuoted && value.SequenceEqual(options.Null) ? null : [.. value];
        return true;
    }
}
