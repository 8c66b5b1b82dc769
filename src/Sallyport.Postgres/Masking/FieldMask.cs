using System.Buffers;
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
    public bool TryWrite(ITextMasker masker, ReadOnlySpan<byte> value, IBufferWriter<byte> output)
    {
        switch (_way)
        {
            case Way.Null: return false;
            case Way.Text: masker.Write(_mask, value, output); return true;
            case Way.LastDigits when IntegerMask.TryWriteLastDigits(Type.Shape, Format, value, output): return true;
            case Way.HashInteger when IntegerMask.TryWriteHash(masker, Type.Shape, Format, value, output): return true;
            case Way.HashUuid when UuidMask.TryWriteHash(masker, Format, value, output): return true;
            // What the server sent is not what its type says: the constant shows nothing of it.
            default: output.Write(_constant); return true;
        }
    }

    /// <summary>As <see cref="TryWrite"/>, for a value that is too long to be looked at.</summary>
    internal bool TryWriteUnseen(IBufferWriter<byte> output)
    {
        if (_way == Way.Null) return false;
        output.Write(_constant);
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
