using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Text;
using Sallyport.Core;
using Sallyport.Masking;
using Sallyport.Postgres.Masking;

namespace Sallyport.Fuzz.Targets;

/// <summary>
/// One value of any type under any mask: type, mask and format are the first three bytes. What comes out is valid for type and format, and
/// shows nothing but what the mask leaves.
/// </summary>
internal sealed class FieldMaskTarget : IFuzzTarget
{
    private static readonly uint[] Types =
    [
        25, 19, 18, 16, 17, 21, 23, 20, 26, 700, 701, 1700, 790, 1082, 1083, 1266, 1114, 1184, 1186, 2950, 114, 3802, 142, 869, 1009, 1007,
        3904, 4451, 600, 99999,
    ];

    private static readonly Mask[] Masks =
    [
        Mask.Redact, new(MaskKind.Null), new(MaskKind.Last4), new(MaskKind.Email), new(MaskKind.Hash), new(MaskKind.Fixed, "17"),
        new(MaskKind.Fixed, "{\"a\":1}"),
        new(MaskKind.Fixed, "2024-02-29"),
    ];

    private static readonly Dictionary<TypeShape, int> BinaryLength = new[]
    {
        (TypeShape.Bool, 1), (TypeShape.Int2, 2), (TypeShape.Int4, 4), (TypeShape.Oid, 4), (TypeShape.Int8, 8), (TypeShape.Float4, 4),
        (TypeShape.Float8, 8), (TypeShape.Money, 8), (TypeShape.Date, 4), (TypeShape.Time, 8), (TypeShape.TimeTz, 12),
        (TypeShape.Timestamp, 8), (TypeShape.TimestampTz, 8), (TypeShape.Interval, 16), (TypeShape.Uuid, 16), (TypeShape.Point, 16),
    }.ToDictionary();

    private readonly TextMasker _masker = new(new byte[32]);

    public string Name => "mask";

    public IReadOnlyList<byte[]> Corpus { get; } =
    [
        [0, 2, 0, .. "4111 1111 1111 1234"u8], [6, 4, 1, 0, 1, 226, 64], [7, 2, 0, .. "-9223372036854775808"u8],
        [11, 2, 1, 0, 3, 0, 1, 64, 0, 0, 2, 0, 123, 17, 0, 5, 0],
        [11, 2, 0, .. "-123456.789"u8], [19, 4, 0, .. "0b4b7b7e-0000-4000-8000-123456789abc"u8], [0, 3, 0, .. "zoe@example.com"u8],
        [20, 6, 0, .. "{}"u8], [13, 7, 1, 0, 0, 0, 1],
        [24, 0, 1, .. new byte[12]], [29, 0, 0, 1], [1, 3, 2, 5],
    ];

    public int LongestInput => 512;

    public void Check(byte[] input, Random random)
    {
        if (input.Length < 3)
            return;
        var type = WireType.Of(Types[input[0] % Types.Length]);
        var mask = Masks[input[1] % Masks.Length];
        var format = (short)(input[2] % 3);
        var value = input[3..];
        var masked = Write(FieldMask.Create(mask, type, format), value);

        if (mask.Kind == MaskKind.Null || type.Shape == TypeShape.Unknown || format > 1)
        {
            Promise.Holds(masked is null, "where nothing can stand for a value it becomes NULL");
            return;
        }
        Promise.Holds(masked is not null, "a value stays a value");
        if (mask.Kind is MaskKind.Redact or MaskKind.Fixed)
            Promise.Holds(masked.AsSpan().SequenceEqual(Write(FieldMask.Create(mask, type, format), [1, 2, 3])),
                "nothing of the value is left");
        if (format == 1 && BinaryLength.TryGetValue(type.Shape, out var length))
            Promise.Holds(masked!.Length == length, "a binary value has its type's length");
        if (IsInteger(type.Shape))
            CheckInteger(mask.Kind, type.Shape, format, value, masked!);
        if (type.Shape == TypeShape.Uuid && format == 0)
            Promise.Holds(Guid.TryParseExact(Encoding.ASCII.GetString(masked!), "D", out _), "a uuid stays one");
        if (type.Shape is TypeShape.Text or TypeShape.Name)
            CheckText(mask.Kind, value, masked!);
        if (type.Shape == TypeShape.Numeric)
            CheckNumeric(mask.Kind, format, value, masked!);
    }

    private byte[]? Write(FieldMask mask, byte[] value)
    {
        var output = new byte[value.Length + mask.MostAdded];
        return mask.TryWrite(_masker, value, output, out var written) ? output[..written] : null;
    }

    private static bool IsInteger(TypeShape shape) => shape is TypeShape.Int2 or TypeShape.Int4 or TypeShape.Int8 or TypeShape.Oid;

    private static void CheckInteger(MaskKind kind, TypeShape shape, short format, byte[] value, byte[] masked)
    {
        var number = Integer(shape, format, masked);
        Promise.Holds(number is not null && number >= (shape == TypeShape.Oid ? 0 : -Most(shape) - 1) && number <= Most(shape),
            "a number stays one of its type");
        if (kind == MaskKind.Last4)
        {
            var before = Integer(shape, format, value) is { } whole && whole >= long.MinValue && whole <= long.MaxValue
                ? BigInteger.Abs(whole) : 0;
            Promise.Holds(number == (before < 10_000 ? 0 : before % 10_000), "the last four digits stay, or none");
        }
    }

    private static BigInteger Most(TypeShape shape) => shape switch
    {
        TypeShape.Int2 => short.MaxValue,
        TypeShape.Int4 => int.MaxValue,
        TypeShape.Oid => uint.MaxValue,
        _ => long.MaxValue,
    };

    private static BigInteger? Integer(TypeShape shape, short format, byte[] value)
    {
        if (format == 1)
            return value.Length == BinaryLength[shape] ? new BigInteger(value, shape == TypeShape.Oid, isBigEndian: true) : null;
        var text = Encoding.Latin1.GetString(value);
        // The framework reads over NULs at the end.
        var isNumber = BigInteger.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number);
        return isNumber && !text.Contains('\0', StringComparison.Ordinal) ? number : null;
    }

    private static void CheckText(MaskKind kind, byte[] value, byte[] masked)
    {
        if (kind == MaskKind.Last4 && value.All(static letter => letter < 0x80))
            Promise.Holds(masked.AsSpan().SequenceEqual(RowMaskerTarget.Last4(value)), "the last four letters stay, or none");
        if (kind == MaskKind.Hash)
            Promise.Holds(masked.Length == 16 && masked.All(static letter => char.IsAsciiHexDigitLower((char)letter)),
                "a hash is sixteen digits");
    }

    private static void CheckNumeric(MaskKind kind, short format, byte[] value, byte[] masked)
    {
        if (format == 1)
        {
            Promise.Holds(masked.Length is 8 or 10 && masked.Length == 8 + masked[1] * 2, "a numeric stays one");
            return;
        }
        var text = Encoding.Latin1.GetString(masked);
        Promise.Holds(text.Length > 0 && text.All(static c => char.IsAsciiDigit(c)), "a numeric stays one");
        var whole = Encoding.Latin1.GetString(value).Split('.')[0];
        if (kind == MaskKind.Last4)
            Promise.Holds(text.Length <= 4
                && (text == "0" || (whole.TrimStart('-').Length > 4 && whole.EndsWith(text, StringComparison.Ordinal))),
                "no more than the last four stay");
    }
}
