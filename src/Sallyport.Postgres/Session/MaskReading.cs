using System.Collections.Immutable;
using Sallyport.Postgres.Sql;
using Sallyport.Postgres.Sql.Lineage;

namespace Sallyport.Postgres.Session;

/// <summary>What a statement has to do with masked columns.</summary>
internal enum MaskTouch : byte
{
    Untouched,

    /// <summary>It reads a relation that has or shows a masked column: what may come from one is masked.</summary>
    Touches,

    /// <summary>Its answer, or where it puts the values, cannot be masked.</summary>
    Refused,
}

/// <summary>What one guard found in some facts, kept beside them. Immutable.</summary>
/// <param name="Guard">Who found it.</param>
/// <param name="Touch">Whether masked columns are read.</param>
/// <param name="Reason">Why it is refused, for the client.</param>
/// <param name="Rows">The rows that its statements give, where they touch masked columns.</param>
internal sealed record MaskReading(MaskGuard Guard, MaskTouch Touch, string? Reason, ImmutableArray<RowShape> Rows)
{
    // As many principals as usually run the same text at once.
    private const int Kept = 4;

    public static MaskReading? Find(SqlFacts facts, MaskGuard guard)
    {
        foreach (var known in facts.Masking as MaskReading[] ?? [])
        {
            if (ReferenceEquals(known.Guard, guard))
                return known;
        }
        return null;
    }

    /// <summary>A lost write costs one more reading.</summary>
    public void Keep(SqlFacts facts) => facts.Masking = (facts.Masking as MaskReading[] ?? []).Prepend(this).Take(Kept).ToArray();

    /// <summary>
    /// The origins of rows of so many columns: of all statements whose rows they may be. Null when they can be those of none, which is
    /// a disagreement with the server.
    /// </summary>
    public ImmutableArray<Origin>? OriginsOf(int columns)
    {
        ImmutableArray<Origin>? origins = null;
        foreach (var rows in Rows)
        {
            if (rows.IsComplete && rows.Columns.Length != columns)
                continue;
            ImmutableArray<Origin> these = rows.IsComplete ? [.. rows.Columns.Select(static c => c.Origin)] : [.. Enumerable.Repeat(rows.All.With(rows.Rest), columns)];
            origins = origins is { } others ? [.. others.Zip(these, static (a, b) => a.With(b))] : these;
        }
        return origins;
    }
}
