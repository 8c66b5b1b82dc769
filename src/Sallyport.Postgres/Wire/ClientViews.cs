using System.Buffers.Binary;

namespace Sallyport.Postgres.Wire;

/// <summary>Parse: String name, String query, Int16 count, Int32 type OID each. <see cref="TypeOids"/> are the raw bytes.</summary>
public readonly ref struct ParseView
{
    public ReadOnlySpan<byte> Name { get; private init; }

    public ReadOnlySpan<byte> Text { get; private init; }

    public ReadOnlySpan<byte> TypeOids { get; private init; }

    public static bool TryRead(ReadOnlySpan<byte> body, out ParseView view)
    {
        view = default;
        var reader = new BodyReader(body);
        if (!reader.TryCString(out var name) || !reader.TryCString(out var text) || !reader.TryCount(out var count) ||
            !reader.TryBytes(count * 4, out var oids) || reader.Remaining != 0)
            return false;
        view = new ParseView { Name = name, Text = text, TypeOids = oids };
        return true;
    }
}

/// <summary>
/// Bind: String portal, String statement, Int16 count and Int16 formats of the parameters, Int16 count and (Int32 length, bytes)
/// of the parameters, Int16 count and Int16 formats of the results.
/// </summary>
public readonly ref struct BindView
{
    public ReadOnlySpan<byte> Portal { get; private init; }

    public ReadOnlySpan<byte> Statement { get; private init; }

    /// <summary>Raw Int16s: none (all text), one (for all), or one each.</summary>
    public ReadOnlySpan<byte> ParameterFormats { get; private init; }

    public int ParameterCount { get; private init; }

    /// <summary>Raw (Int32 length, bytes), the count left out; -1 is NULL.</summary>
    public ReadOnlySpan<byte> Parameters { get; private init; }

    /// <summary>Raw Int16s: none (all text), one (for all), or one each.</summary>
    public ReadOnlySpan<byte> ResultFormats { get; private init; }

    public static bool TryRead(ReadOnlySpan<byte> body, out BindView view)
    {
        view = default;
        var reader = new BodyReader(body);
        if (!reader.TryCString(out var portal) || !reader.TryCString(out var statement) || !reader.TryCount(out var formatCount) ||
            !reader.TryBytes(formatCount * 2, out var formats) || !reader.TryCount(out var count) ||
            (formatCount > 1 && formatCount != count))
            return false;
        var values = reader.Rest;
        for (var i = 0; i < count; i++)
        {
            if (!reader.TryInt32(out var length) || length < -1 || (length > 0 && !reader.TryBytes(length, out _)))
                return false;
        }
        values = values[..(values.Length - reader.Remaining)];
        if (!reader.TryCount(out var resultCount) || !reader.TryBytes(resultCount * 2, out var results) ||
            reader.Remaining != 0 || !AreFormats(formats) || !AreFormats(results))
            return false;
        view = new BindView
        {
            Portal = portal,
            Statement = statement,
            ParameterFormats = formats,
            ParameterCount = count,
            Parameters = values,
            ResultFormats = results,
        };
        return true;
    }

    /// <summary>The format of parameter or column <paramref name="index"/>: 0 text, 1 binary.</summary>
    public static short FormatAt(ReadOnlySpan<byte> formats, int index) => formats.Length switch
    {
        0 => 0,
        2 => BinaryPrimitives.ReadInt16BigEndian(formats),
        _ => BinaryPrimitives.ReadInt16BigEndian(formats[(index * 2)..]),
    };

    private static bool AreFormats(ReadOnlySpan<byte> formats)
    {
        for (var i = 0; i < formats.Length; i += 2)
        {
            if (formats[i] != 0 || formats[i + 1] > 1)
                return false;
        }
        return true;
    }
}

/// <summary>Describe and Close: Byte1 <c>S</c> (statement) or <c>P</c> (portal), String name.</summary>
public readonly ref struct TargetView
{
    public bool IsPortal { get; private init; }

    public ReadOnlySpan<byte> Name { get; private init; }

    public static bool TryRead(ReadOnlySpan<byte> body, out TargetView view)
    {
        view = default;
        var reader = new BodyReader(body);
        if (!reader.TryByte(out var kind) || kind is not ((byte)'S' or (byte)'P') || !reader.TryCString(out var name) ||
            reader.Remaining != 0)
            return false;
        view = new TargetView { IsPortal = kind == 'P', Name = name };
        return true;
    }
}

/// <summary>Execute: String portal, Int32 maximum number of rows (0: all).</summary>
public readonly ref struct ExecuteView
{
    public ReadOnlySpan<byte> Portal { get; private init; }

    public int MaxRows { get; private init; }

    public static bool TryRead(ReadOnlySpan<byte> body, out ExecuteView view)
    {
        view = default;
        var reader = new BodyReader(body);
        if (!reader.TryCString(out var portal) || !reader.TryInt32(out var rows) || reader.Remaining != 0)
            return false;
        view = new ExecuteView { Portal = portal, MaxRows = rows };
        return true;
    }
}

/// <summary>Query: String text, one NUL at the very end.</summary>
public readonly ref struct QueryView
{
    public ReadOnlySpan<byte> Text { get; private init; }

    public static bool TryRead(ReadOnlySpan<byte> body, out QueryView view)
    {
        view = default;
        var reader = new BodyReader(body);
        if (!reader.TryCString(out var text) || reader.Remaining != 0)
            return false;
        view = new QueryView { Text = text };
        return true;
    }
}
