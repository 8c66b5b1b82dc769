using System.Collections.Immutable;
using Sallyport.Core;

namespace Sallyport.Postgres.Masking;

/// <summary>What is done to one column of a result. <see cref="Keep"/> is the default value.</summary>
public readonly struct ColumnPlan
{
    private ColumnPlan(FieldMask? mask, WireType type, short format, FieldContent content)
    {
        Mask = mask;
        Type = type;
        Format = format;
        Content = content;
    }

    public static ColumnPlan Keep => default;

    public static ColumnPlan Masked(Mask mask, uint oid, short format) => Masked(mask, WireType.Of(oid), format);

    public static ColumnPlan Masked(Mask mask, WireType type, short format) =>
        new(FieldMask.Create(mask, type, format), type, format, FieldContent.None);

    /// <summary>A column to look into; one that cannot hold what is looked for is kept.</summary>
    public static ColumnPlan Detected(uint oid, short format) => Detected(WireType.Of(oid), format);

    public static ColumnPlan Detected(WireType type, short format) => new(null, type, format, FieldContents.Of(type, format));

    public WireType Type { get; }

    public short Format { get; }

    internal FieldMask? Mask { get; }

    internal FieldContent Content { get; }

    public bool IsKept => Mask is null && Content == FieldContent.None;
}

/// <summary>What masking does to each row of one result, made when the result's shape is known. Immutable.</summary>
public sealed class RowPlan
{
    public RowPlan(ImmutableArray<ColumnPlan> columns, Detectors detectors)
    {
        Columns = columns;
        Detectors = detectors;
        MostAdded = columns.Sum(static column => column.Mask?.MostAdded ?? 0);
        IsPassThrough = columns.All(column => column.Mask is null && (column.IsKept || detectors == Detectors.None));
    }

    /// <summary>One per field of the RowDescription, in its order.</summary>
    public ImmutableArray<ColumnPlan> Columns { get; }

    public Detectors Detectors { get; }

    /// <summary>By how many bytes a masked row may be longer than what the server sent.</summary>
    public int MostAdded { get; }

    /// <summary>The grammar and the server did not agree on where the columns come from: what could not be told is masked.</summary>
    public bool IsInDoubt { get; init; }

    /// <summary>True when every row passes as it is, unread.</summary>
    public bool IsPassThrough { get; }
}
