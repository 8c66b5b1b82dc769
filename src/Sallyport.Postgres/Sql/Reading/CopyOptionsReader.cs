using System.Text;
using Sallyport.Core;
using Sallyport.Postgres.Startup;

namespace Sallyport.Postgres.Sql;

/// <summary>
/// Reads the options of a COPY, which the grammar spells alike for both ways to write them. What the server would refuse, or read in
/// another way than is known here, makes the COPY unreadable.
/// </summary>
internal static class CopyOptionsReader
{
    public static CopyOptions Read(SqlNode list)
    {
        var given = new Dictionary<string, SqlNode>(StringComparer.Ordinal);
        foreach (var item in list.Items)
        {
            var option = item.As("DefElem"u8);
            if (!given.TryAdd(option["defname"u8].Text, option["arg"u8]))
                return Unreadable("an option of COPY is given twice");
        }
        var options = new CopyOptions();
        if (given.Remove("format", out var format) && !TryFormat(format, ref options))
            return Unreadable("the format of COPY is not known");
        if (options.Format == CopyFormat.Csv)
            options = options with { Delimiter = (byte)',', Null = [] };
        foreach (var (name, value) in given)
        {
            if (!TryTake(name, value, ref options))
                return Unreadable($"the option {name} of COPY cannot be followed as it is given");
        }
        // The escape is the quote where only that is given.
        if (given.ContainsKey("quote") && !given.ContainsKey("escape"))
            options = options with { Escape = options.Quote };
        if (options.Format == CopyFormat.Binary || IsUnambiguous(options))
            return options;
        return Unreadable("the options of COPY contradict each other");
    }

    private static CopyOptions Unreadable(string why) => new() { Unreadable = why };

    private static bool TryFormat(SqlNode value, ref CopyOptions options)
    {
        CopyFormat? format = Word(value) switch
        {
            "text" => CopyFormat.Text,
            "csv" => CopyFormat.Csv,
            "binary" => CopyFormat.Binary,
            _ => null,
        };
        options = options with { Format = format ?? CopyFormat.Text };
        return format is not null;
    }

    private static bool TryTake(string name, SqlNode value, ref CopyOptions options)
    {
        switch (name)
        {
            case "delimiter" when TryByte(value, out var delimiter):
                options = options with { Delimiter = delimiter };
                return true;
            case "quote" when TryByte(value, out var quote):
                options = options with { Quote = quote };
                return true;
            case "escape" when TryByte(value, out var escape):
                options = options with { Escape = escape };
                return true;
            case "null" when value.As("String"u8).Exists:
                options = options with { Null = [.. Encoding.UTF8.GetBytes(SqlNames.Part(value))] };
                return true;
            case "header" when Flag(value) is { } header:
                options = options with { HasHeader = header };
                return true;
            case "force_quote":
                options = options with { ForcesQuotes = true };
                return true;
            case "encoding":
                return Word(value) is { } encoding && StartupParameters.IsUtf8(encoding);
            default:
                return false;
        }
    }

    /// <summary>Whether each row and field ends where it seems to end.</summary>
    private static bool IsUnambiguous(CopyOptions options)
    {
        var (delimiter, none) = (options.Delimiter, options.Null);
        if (none.Contains(delimiter) || none.Contains((byte)'\n') || none.Contains((byte)'\r'))
            return false;
        if (options.Format == CopyFormat.Csv)
            return options.Quote != delimiter && !none.Contains(options.Quote);
        // The NULL string is not escaped: one that ends within an escape would take the delimiter with it.
        return !"\\.abcdefghijklmnopqrstuvwxyz0123456789"u8.Contains(delimiter) &&
            none.Reverse().TakeWhile(static b => b == '\\').Count() % 2 == 0;
    }

    private static bool TryByte(SqlNode value, out byte single)
    {
        var text = value.As("String"u8).Exists ? SqlNames.Part(value) : "";
        single = text.Length == 1 && char.IsAscii(text[0]) ? (byte)text[0] : (byte)0;
        return single is not (0 or (byte)'\n' or (byte)'\r');
    }

    private static bool? Flag(SqlNode value)
    {
        if (!value.Exists)
            return true;
        return Word(value)?.ToLowerInvariant() switch
        {
            "true" or "on" or "1" => true,
            "false" or "off" or "0" => false,
            _ => null,
        };
    }

    private static string? Word(SqlNode value)
    {
        if (value.As("String"u8).Exists)
            return SqlNames.Part(value);
        if (value.As("Boolean"u8) is { Exists: true } flag)
            return flag["boolval"u8].IsTrue ? "true" : "false";
        return value.As("Integer"u8) is { Exists: true } number ? number["ival"u8].Exists ? number["ival"u8].Text : "0" : null;
    }
}
