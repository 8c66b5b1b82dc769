namespace Sallyport.Postgres.Masking;

/// <summary>How the detectors can look into a field, and how what they find can be blotted out at the same length.</summary>
internal enum FieldContent : byte
{
    /// <summary>Nothing to find: dates, booleans, small numbers.</summary>
    None,
    Plain,

    /// <summary>Strings in double quotes with backslash escapes inside a structure: arrays in text, composites, extensions' types.</summary>
    Quoted,
    Json,

    /// <summary>Numbers in text, alone or in an array.</summary>
    Digits,
    Int8Binary,
    NumericBinary,

    /// <summary>A binary array whose elements hold any of the above.</summary>
    ArrayBinary,
}

internal static class FieldContents
{
    public static FieldContent Of(WireType type, short format)
    {
        if (type.Shape != TypeShape.Array) return OfScalar(type.Shape, format);
        var element = OfScalar(type.Element, format);
        if (format != 0) return element == FieldContent.None ? FieldContent.None : FieldContent.ArrayBinary;
        return element is FieldContent.None or FieldContent.Digits ? element : FieldContent.Quoted;
    }

    public static FieldContent OfScalar(TypeShape shape, short format) => shape switch
    {
        TypeShape.Text or TypeShape.Name or TypeShape.Xml => FieldContent.Plain,
        TypeShape.Json or TypeShape.Jsonb => FieldContent.Json,
        TypeShape.Unknown or TypeShape.TextVector or TypeShape.TextQuery or TypeShape.JsonPath => FieldContent.Quoted,
        TypeShape.Int8 => format == 0 ? FieldContent.Digits : FieldContent.Int8Binary,
        TypeShape.Numeric => format == 0 ? FieldContent.Digits : FieldContent.NumericBinary,
        _ => FieldContent.None,
    };
}
