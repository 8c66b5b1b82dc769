namespace Sallyport.Postgres.Masking;

/// <summary>
/// What replaces a masked field byte for byte when the row is streamed: the row's length has been sent before the field is seen. Every
/// mask kind becomes such a filler there; a NULL would change the length.
/// </summary>
internal readonly ref struct Filler
{
    /// <summary>Each digit becomes 1 and all else stays: a date, a number, a point keeps its form (1111-11-11 is a date).</summary>
    private const byte Digits = 1;

    /// <summary>Each letter and digit becomes 1.</summary>
    private const byte LettersAndDigits = 2;

    private readonly ReadOnlySpan<byte> _head;
    private readonly ReadOnlySpan<byte> _tail;
    private readonly byte _fill;
    private readonly byte _map;
    private readonly int _keep;
    private readonly int _length;

    private Filler(int length, byte fill, ReadOnlySpan<byte> head = default, ReadOnlySpan<byte> tail = default, byte map = 0, int keep = 0)
    {
        _length = length;
        _fill = fill;
        _head = head;
        _tail = tail;
        _map = map;
        _keep = keep;
    }

    /// <summary>False when no valid value of that length can be made without knowing the field.</summary>
    public static bool TryCreate(FieldMask mask, int length, out Filler filler)
    {
        var text = mask.Format == 0;
        filler = default;
        if (mask.Format is not (0 or 1)) return false;
        switch (mask.Type.Shape)
        {
            case TypeShape.Text or TypeShape.Name or TypeShape.Xml or TypeShape.SingleByte:
                filler = new Filler(length, (byte)'*');
                return true;
            case TypeShape.Json or TypeShape.Jsonb: return TryJson(length, !text && mask.Type.Shape == TypeShape.Jsonb, out filler);
            case TypeShape.Bytea when !text:
                filler = new Filler(length, 0);
                return true;
            case TypeShape.Bytea:
                filler = new Filler(length, (byte)'0', "\\x"u8);
                return length >= 2 && length % 2 == 0;
            case TypeShape.Array: return TryArray(mask.Type, text, length, out filler);
            case TypeShape.Unknown or TypeShape.Range or TypeShape.Multirange or TypeShape.TextVector or TypeShape.TextQuery or TypeShape.JsonPath
                or TypeShape.Cidr or TypeShape.Bool or TypeShape.TupleId or TypeShape.Lsn when text:
                return TryConstant(mask, length, out filler);
            // The reg* types print names, but read numbers too.
            case TypeShape.Oid when text:
                filler = new Filler(length, (byte)'0');
                return true;
            case TypeShape.Uuid or TypeShape.MacAddr or TypeShape.MacAddr8 or TypeShape.Inet when text:
                filler = new Filler(length, 0, map: LettersAndDigits);
                return true;
            case var shape when !text && CountedPrefix(shape) is var prefix and > 0:
                filler = new Filler(length, 0, keep: prefix);
                return length >= prefix;
            case var shape when text && shape != TypeShape.Unknown:
                filler = new Filler(length, 0, map: Digits);
                return true;
            default: return TryConstant(mask, length, out filler);
        }
    }

    /// <summary>Turns the field's bytes from <paramref name="offset"/> on into the filler's.</summary>
    public void Apply(int offset, ReadOnlySpan<byte> input, Span<byte> output)
    {
        for (var i = 0; i < input.Length;)
        {
            var at = offset + i;
            if (_map != 0) output[i] = Map(input[i]);
            else if (at < _keep) output[i] = input[i];
            else if (at < _head.Length) output[i] = _head[at];
            else if (at >= _length - _tail.Length) output[i] = _tail[at - (_length - _tail.Length)];
            else
            {
                var run = Math.Min(input.Length - i, _length - _tail.Length - at);
                output.Slice(i, run).Fill(_fill);
                i += run;
                continue;
            }

            i++;
        }
    }

    private static bool TryConstant(FieldMask mask, int length, out Filler filler)
    {
        filler = new Filler(length, 0, mask.Constant);
        return mask.HasConstant && mask.Constant.Length == length;
    }

    private static bool TryJson(int length, bool versioned, out Filler filler)
    {
        var head = versioned ? "\u0001\""u8 : "\""u8;
        filler = new Filler(length, (byte)'*', head, "\""u8);
        if (length > head.Length) return true;
        // One digit, the shortest value there is.
        filler = new Filler(length, (byte)'0', versioned ? "\u0001"u8 : default);
        return length == head.Length;
    }

    private static bool TryArray(WireType type, bool text, int length, out Filler filler)
    {
        filler = default;
        if (!text) return false;
        if (Redacted.IsText(type.Element) || length == 2)
        {
            filler = new Filler(length, (byte)'*', "{"u8, "}"u8);
            return length >= 2;
        }

        filler = new Filler(length, 0, map: type.Element == TypeShape.Uuid ? LettersAndDigits : Digits);
        return type.Element is TypeShape.Int2 or TypeShape.Int4 or TypeShape.Int8 or TypeShape.Numeric or TypeShape.Float4 or TypeShape.Float8
            or TypeShape.Date or TypeShape.Timestamp or TypeShape.Uuid;
    }

    /// <summary>The bytes before the first byte of the value proper, which say how long it is; 0 when the shape has none.</summary>
    private static int CountedPrefix(TypeShape shape) => shape switch
    {
        TypeShape.Numeric => NumericMask.HeaderLength,
        TypeShape.Bit or TypeShape.Inet or TypeShape.Cidr or TypeShape.Polygon => 4,
        TypeShape.Path => 5,
        _ => 0,
    };

    private byte Map(byte value)
    {
        var isDigit = (uint)(value - '0') <= 9;
        return isDigit || (_map == LettersAndDigits && char.IsAsciiLetter((char)value)) ? (byte)'1' : value;
    }
}
