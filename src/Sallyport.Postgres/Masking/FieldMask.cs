using Sallyport.Core;

namespace Sallyport.Postgres.Masking;

/// <summary>
/// A mask made ready for one column: what it writes is a valid value of the column's type in the column's format. Immutable,
/// shared by all rows of a result; writing allocates nothing.
/// </summary>
public sealed class FieldMask
{
    private enum Way : byte
    {
        Null,
        Constant,
        Text,
        LastDigits,
        HashInteger,
        HashUuid,
    }

    private readonly Way _way;
    private readonly byte[] _constant;
    private readonly Mask _mask;

    private FieldMask(Way way, byte[]? constant, Mask mask, WireType type, short format)
    {
        _way = way;
        _constant = constant ?? [];
        HasConstant = constant is not null;
        _mask = mask;
        Type = type;
        Format = format;
    }

    public WireType Type { get; }

    /// <summary>0 text, 1 binary.</summary>
    public short Format { get; }

    /// <summary>What a constant mask writes, which a streamed field of the same length may take.</summary>
    internal ReadOnlySpan<byte> Constant => _constant;

    internal bool HasConstant { get; }

    /// <summary>By how many bytes what is written may be longer than the value.</summary>
    public int MostAdded => Math.Max(_constant.Length, Math.Max(ITextMasker.MostAdded, Math.Max(IntegerMask.Longest, UuidMask.TextLength)));

    /// <summary>
    /// What the mask does to a type it does not suit is to redact; where the type has no constant (or the format is unknown) the
    /// value becomes NULL.
    /// </summary>
    public static FieldMask Create(Mask mask, WireType type, short format)
    {
        var constant = Redacted.Value(type, format);
        var way = constant is null ? Way.Null : Choose(mask.Kind, type.Shape);
        if (constant is not null && mask.Kind == MaskKind.Fixed)
        {
            constant = FixedValue.Encode(mask.Value ?? "", type.Shape, format) ?? constant;
        }

        return new FieldMask(way, constant, mask, type, format);
    }

    /// <summary>Writes what is left of <paramref name="value"/> (which is not NULL). False: the field becomes NULL, nothing was written.</summary>
    /// <param name="masker">Masks what is text.</param>
    /// <param name="value">As the server sent it.</param>
    /// <param name="destination">Has room for the value and <see cref="MostAdded"/>.</param>
    /// <param name="written">How many bytes.</param>
    public bool TryWrite(ITextMasker masker, ReadOnlySpan<byte> value, Span<byte> destination, out int written)
    {
        switch (_way)
        {
            case Way.Text: written = masker.Write(_mask, value, destination); return true;
            case Way.LastDigits when IntegerMask.TryWriteLastDigits(Type.Shape, Format, value, destination, out written): return true;
            case Way.HashInteger when IntegerMask.TryWriteHash(masker, Type.Shape, Format, value, destination, out written): return true;
            case Way.HashUuid when UuidMask.TryWriteHash(masker, Format, value, destination, out written): return true;
            // What the server sent is not what its type says: the constant shows nothing of it.
            default: return TryWriteUnseen(destination, out written);
        }
    }

    /// <summary>As <see cref="TryWrite"/>, for a value that is too long to be looked at.</summary>
    internal bool TryWriteUnseen(Span<byte> destination, out int written)
    {
        written = 0;
        if (_way == Way.Null) return false;
        _constant.CopyTo(destination);
        written = _constant.Length;
        return true;
    }

    private static Way Choose(MaskKind kind, TypeShape shape)
    {
        var isInteger = shape is TypeShape.Int2 or TypeShape.Int4 or TypeShape.Int8 or TypeShape.Oid;
        return kind switch
        {
            MaskKind.Null => Way.Null,
            MaskKind.Last4 when isInteger || shape == TypeShape.Numeric => Way.LastDigits,
            MaskKind.Hash when isInteger => Way.HashInteger,
            MaskKind.Hash when shape == TypeShape.Uuid => Way.HashUuid,
            MaskKind.Last4 or MaskKind.Email or MaskKind.Hash when Redacted.IsText(shape) => Way.Text,
            _ => Way.Constant,
        };
    }
}
