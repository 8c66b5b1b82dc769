using System.Collections.Immutable;
using Sallyport.Core;

namespace Sallyport.Postgres.Sql.Lineage;

/// <summary>
/// The parts of a statement that decide where its values come from, read from the parse tree once and kept with the facts: names are
/// as written, nothing is resolved. Immutable.
/// </summary>
internal abstract record Query
{
    public ImmutableArray<CommonTable> With { get; init; } = [];

    /// <summary>What decides which rows come and in which order: WHERE, HAVING, ON, GROUP BY, ORDER BY, DISTINCT ON.</summary>
    public ImmutableArray<Condition> Conditions { get; init; } = [];
}

/// <summary>SELECT, and TABLE, which is one.</summary>
internal sealed record SelectQuery(ImmutableArray<Source> From, ImmutableArray<Target> Targets) : Query;

/// <summary>UNION, INTERSECT, EXCEPT.</summary>
internal sealed record SetQuery(Query Left, Query Right) : Query;

/// <summary>VALUES, also as the source of an INSERT.</summary>
internal sealed record ValuesQuery(ImmutableArray<ImmutableArray<Value>> Rows) : Query;

/// <summary>INSERT, UPDATE, DELETE, MERGE. Its rows are those of RETURNING.</summary>
/// <param name="Into">The changed relation under the name it goes by.</param>
/// <param name="From">FROM, USING, or the source of a MERGE.</param>
/// <param name="Returning">Empty without RETURNING.</param>
internal sealed record ChangeQuery(RelationSource Into, ImmutableArray<Source> From, ImmutableArray<Target> Returning) : Query
{
    /// <summary>The values written to columns by name.</summary>
    public ImmutableArray<Assignment> Assignments { get; init; } = [];

    /// <summary>The rows an INSERT writes, to <see cref="InsertColumns"/> in their order; null for DEFAULT VALUES and other changes.</summary>
    public Query? Rows { get; init; }

    /// <summary>Empty when the INSERT names none: then the relation's own, in their order.</summary>
    public ImmutableArray<string> InsertColumns { get; init; } = [];

    /// <summary>Names under which rows of the changed relation are in sight too: <c>excluded</c>, <c>old</c>, <c>new</c>.</summary>
    public ImmutableArray<string> AlsoCalled { get; init; } = [];
}

/// <summary>A column that UPDATE, ON CONFLICT or MERGE sets.</summary>
internal sealed record Assignment(string Column, Value Value);

/// <summary>A common table expression.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Columns">New names for the first of its columns.</param>
/// <param name="Query">What it is made of.</param>
/// <param name="IsRecursive">Its own name, and those of its siblings, are in sight inside it.</param>
/// <param name="HasMoreColumns">SEARCH or CYCLE add columns that the query does not show.</param>
internal sealed record CommonTable(string Name, ImmutableArray<string> Columns, Query Query, bool IsRecursive, bool HasMoreColumns);

/// <summary>An output column. <paramref name="Name"/> is null where the server makes one up.</summary>
internal sealed record Target(string? Name, Value Value)
{
    /// <summary>Set for <c>*</c> and <c>t.*</c>: the name parts before the star.</summary>
    public ImmutableArray<string>? StarOf { get; init; }
}

/// <summary>An item of FROM.</summary>
internal abstract record Source
{
    /// <summary>Null when it goes by its own name, or by none.</summary>
    public string? Alias { get; init; }

    /// <summary>New names for the first of its columns.</summary>
    public ImmutableArray<string> Columns { get; init; } = [];
}

/// <summary>A relation, or a common table expression when the schema is empty and one of that name is in sight.</summary>
internal sealed record RelationSource(string Schema, string Name) : Source;

internal sealed record QuerySource(Query Query, bool IsLateral) : Source;

/// <summary>A function, ROWS FROM, XMLTABLE, JSON_TABLE: rows made of values.</summary>
/// <param name="Arguments">What goes in.</param>
/// <param name="Names">The columns that come out; null when that depends on types.</param>
internal sealed record FunctionSource(Value Arguments, ImmutableArray<string>? Names) : Source;

/// <summary>A join. Its own conditions stand in the query's.</summary>
internal sealed record JoinSource(Source Left, Source Right, JoinKind Kind, ImmutableArray<string> Using, bool IsNatural) : Source
{
    /// <summary>The name of the merged columns alone: <c>USING (id) AS x</c>.</summary>
    public string? UsingAlias { get; init; }

    public ImmutableArray<Condition> On { get; init; } = [];
}

internal enum JoinKind : byte
{
    /// <summary>Inner and left: a merged column is the left one.</summary>
    Left,
    Right,
    Full,
}

internal enum ValueKind : byte
{
    /// <summary>Made of what it has, in whatever way.</summary>
    Expression,

    /// <summary>One column as it is, possibly under a cast to a built-in type.</summary>
    Column,

    /// <summary>How many rows there are, or have a value: nothing of the values.</summary>
    Count,
}

/// <summary>All that an expression can take a value from.</summary>
internal sealed record Value(ValueKind Kind)
{
    public static readonly Value Constant = new(ValueKind.Expression);

    public ImmutableArray<ColumnReference> Columns { get; init; } = [];

    public ImmutableArray<SubQuery> Queries { get; init; } = [];

    /// <summary>Functions whose value may come from elsewhere than their arguments.</summary>
    public ImmutableArray<EffectObject> Calls { get; init; } = [];

    /// <summary>What a CASE, FILTER or window decides by, inside this value.</summary>
    public ImmutableArray<Condition> Decides { get; init; } = [];
}

/// <summary>A query inside an expression.</summary>
/// <param name="Query">The query.</param>
/// <param name="IsPresence">EXISTS: only whether there is a row.</param>
internal readonly record struct SubQuery(Query Query, bool IsPresence);

/// <summary>A column or a whole row as written: one to four parts, the last the column.</summary>
/// <param name="Parts">Name parts, folded; none for a bare star: all rows in sight.</param>
/// <param name="IsField">Written <c>(a).b</c>: a field of column a or a column of row a.</param>
internal sealed record ColumnReference(ImmutableArray<string> Parts, bool IsField = false);

internal enum ConditionKind : byte
{
    /// <summary>Tells more than whether two values are equal: an order, a pattern, a part of a value.</summary>
    Comparison,

    /// <summary>Columns as they are, compared for equality; grouping.</summary>
    Equality,

    /// <summary>Only whether there is a value.</summary>
    Presence,
}

/// <summary>Something that decides about rows.</summary>
/// <param name="Kind">How much of the value shows.</param>
/// <param name="Value">What is looked at.</param>
/// <param name="Output">For ORDER BY 2 and GROUP BY 2: the number of the output column, else 0.</param>
/// <param name="OutputName">For ORDER BY and GROUP BY of a bare name, which may be an output's.</param>
internal sealed record Condition(ConditionKind Kind, Value Value, int Output = 0, string? OutputName = null);
