namespace Sallyport.Postgres.Wire;

/// <summary>
/// Reads RowDescription: Int16 count, each: String name, Int32 table OID, Int16 attribute, Int32 type OID, Int16 size, Int32 modifier,
/// Int16 format.
/// </summary>
public static class RowDescriptionView
{
    public static bool TryRead(ReadOnlySpan<byte> body, out FieldDescription[] fields)
    {
        fields = [];
        var reader = new BodyReader(body);
        if (!reader.TryInt16(out var count) || count < 0)
            return false;
        var read = new FieldDescription[count];
        for (var i = 0; i < count; i++)
        {
            if (!reader.TryCString(out _) || !reader.TryInt32(out var table) || !reader.TryInt16(out var attribute) ||
                !reader.TryInt32(out var type) ||
                !reader.TryInt16(out _) || !reader.TryInt32(out _) || !reader.TryInt16(out var format))
                return false;
            read[i] = new FieldDescription((uint)table, attribute, (uint)type, format);
        }
        fields = read;
        return reader.Remaining == 0;
    }
}

/// <summary>One field of a row: which column it comes from (0 when it is no plain column), its type, and its format where known.</summary>
public readonly record struct FieldDescription(uint TableOid, short Attribute, uint TypeOid, short Format);
