using System.Collections.Immutable;
using Sallyport.Core;

namespace Sallyport.Postgres.Sql;

public enum CopyFormat : byte
{
    Text,
    Csv,
    Binary,
}

/// <summary>What a COPY says of its data: of which relation it is, and how it is framed. Immutable.</summary>
public sealed record CopyOptions
{
    public CopyFormat Format { get; init; }

    /// <summary>Between two fields of a row.</summary>
    public byte Delimiter { get; init; } = (byte)'\t';

    /// <summary>What stands for NULL, as it is in the data.</summary>
    public ImmutableArray<byte> Null { get; init; } = [.. TextNull];

    /// <summary>What stands for NULL in text when nothing else is said; no value looks like it.</summary>
    public static ReadOnlySpan<byte> TextNull => "\\N"u8;

    /// <summary>In csv, as are <see cref="Escape"/> and <see cref="ForcesQuotes"/>.</summary>
    public byte Quote { get; init; } = (byte)'"';

    public byte Escape { get; init; } = (byte)'"';

    /// <summary>The first row holds the columns' names.</summary>
    public bool HasHeader { get; init; }

    /// <summary>Values of some or all columns are quoted that need not be.</summary>
    public bool ForcesQuotes { get; init; }

    /// <summary>Why its data cannot be followed; null when it can.</summary>
    public string? Unreadable { get; init; }

    /// <summary>The relation that is copied by name; null for COPY (query).</summary>
    public EffectObject? Relation { get; init; }

    /// <summary>The columns named behind the relation, in order; empty for all.</summary>
    public ImmutableArray<string> Columns { get; init; } = [];
}
