using System.Collections.Immutable;
using Sallyport.Core;

namespace Sallyport.Postgres.Sql.Lineage;

/// <summary>A column that a mask covers. One object for each column of one guard: the reference is the identity.</summary>
/// <param name="Name"><c>schema.relation.column</c>, for people.</param>
/// <param name="Mask">What is left of a value.</param>
/// <param name="Rule">The name of the mask's entry in the policy.</param>
/// <param name="Predicates">What it may decide.</param>
/// <param name="RefusesDerived">Nothing may be computed from it.</param>
internal sealed record MaskedColumn(string Name, Mask Mask, string Rule, PredicateUse Predicates, bool RefusesDerived);

/// <summary>Where a value comes from, as far as masks care. <c>default</c> is clean: nothing masked reaches it.</summary>
internal readonly record struct Origin
{
    public static readonly Origin Unknown = new() { IsUnknown = true };

    /// <summary>It cannot be told.</summary>
    public bool IsUnknown { get; init; }

    /// <summary>A masked column that reaches it; of several, the one whose mask allows least in predicates.</summary>
    public MaskedColumn? Masked { get; init; }

    /// <summary>It is <see cref="Masked"/> as it is.</summary>
    public bool IsPlain { get; init; }

    /// <summary>More than one masked column reaches it.</summary>
    public bool IsMixed { get; init; }

    /// <summary>One of the masks allows nothing to be computed from its column.</summary>
    public bool RefusesDerived { get; init; }

    /// <summary>The relation whose column it is as it is, a view included; 0 when it is none, or none that is known.</summary>
    public uint Relation { get; init; }

    /// <summary>The column's number there.</summary>
    public short Attribute { get; init; }

    public bool IsClean => Masked is null && !IsUnknown;

    public static Origin Of(MaskedColumn? column) =>
        column is null ? default : new Origin { Masked = column, IsPlain = true, RefusesDerived = column.RefusesDerived };

    /// <summary>Of what is computed from it.</summary>
    public Origin Derived => this with { IsPlain = false, Relation = 0, Attribute = 0 };

    /// <summary>Of what both reach.</summary>
    public Origin With(in Origin other)
    {
        if (IsClean)
            return other.Derived;
        if (other.IsClean)
            return Derived;
        return new Origin
        {
            IsUnknown = IsUnknown || other.IsUnknown,
            Masked = Masked is null ? other.Masked : other.Masked is null || Masked.Predicates >= other.Masked.Predicates ? Masked : other.Masked,
            IsMixed = IsMixed || other.IsMixed || (Masked is not null && other.Masked is not null && !ReferenceEquals(Masked, other.Masked)),
            RefusesDerived = RefusesDerived || other.RefusesDerived,
        };
    }
}

/// <summary>A column of rows; the name is null where it cannot be told.</summary>
internal readonly record struct RowColumn(string? Name, Origin Origin);

/// <summary>The columns of a relation, of a query's rows, or of an item of FROM.</summary>
/// <param name="Columns">In order.</param>
/// <param name="IsComplete">There are no others.</param>
internal sealed record RowShape(ImmutableArray<RowColumn> Columns, bool IsComplete)
{
    public static readonly RowShape Unknown = new([], false) { Rest = Origin.Unknown };

    /// <summary>Not read yet: whatever it is asked for is clean so far.</summary>
    public static readonly RowShape Nothing = new([], false);

    /// <summary>Of the columns that are not listed.</summary>
    public Origin Rest { get; init; }

    /// <summary>What decides which rows there are.</summary>
    public Origin Decided { get; init; }

    /// <summary>Of a whole row.</summary>
    public Origin All
    {
        get
        {
            var all = IsComplete ? default : Rest.Derived;
            foreach (var column in Columns)
                all = all.With(column.Origin);
            return all.Derived;
        }
    }

    /// <summary>Rows of either: the names are of these.</summary>
    public RowShape Joined(RowShape other)
    {
        if (!IsComplete || !other.IsComplete)
            return new RowShape([], false) { Rest = All.With(other.All), Decided = Decided.With(other.Decided) };
        var columns = ImmutableArray.CreateBuilder<RowColumn>();
        for (var i = 0; i < Math.Max(Columns.Length, other.Columns.Length); i++)
        {
            var (one, two) = (i < Columns.Length ? Columns[i] : default, i < other.Columns.Length ? other.Columns[i] : default);
            var isBoth = i < Columns.Length && i < other.Columns.Length;
            columns.Add(new RowColumn(i < Columns.Length ? one.Name : two.Name, isBoth ? one.Origin.With(two.Origin) : i < Columns.Length ? one.Origin : two.Origin));
        }
        return new RowShape(columns.ToImmutable(), true) { Decided = Decided.With(other.Decided) };
    }

    public bool Same(RowShape other) =>
        IsComplete == other.IsComplete && Rest == other.Rest && Decided == other.Decided && Columns.AsSpan().SequenceEqual(other.Columns.AsSpan());

    /// <summary>With the first columns under new names.</summary>
    public RowShape Renamed(ImmutableArray<string> names)
    {
        if (names.IsEmpty)
            return this;
        var columns = Columns.ToBuilder();
        for (var i = 0; i < names.Length; i++)
        {
            if (i < columns.Count)
                columns[i] = columns[i] with { Name = names[i] };
            else if (!IsComplete)
                columns.Add(new RowColumn(names[i], Rest));
        }
        return this with { Columns = columns.ToImmutable() };
    }
}

/// <summary>What the resolver must know of the database, under the masks of one principal.</summary>
internal interface IRelationShapes
{
    /// <summary>The relation's columns; <see cref="RowShape.Unknown"/> when nothing is known of such a relation.</summary>
    RowShape Find(string schema, string name);

    /// <summary>Whether any mask limits what its column may decide.</summary>
    bool RestrictsPredicates { get; }

    /// <summary>Whether a function's value comes from its arguments alone.</summary>
    bool IsTrusted(EffectObject function);
}
