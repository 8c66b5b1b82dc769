using System.Collections.Immutable;
using Sallyport.Core;

namespace Sallyport.Postgres.Sql;

/// <summary>
/// What PostgreSQL's own grammar read in one query string: all its effects (see <see cref="Facts"/>) and, per statement, what the
/// session must follow and masking must know. A function of the text alone.
/// </summary>
public sealed class SqlFacts : Facts
{
    public SqlFacts(ImmutableArray<Effect> effects, ImmutableArray<SqlStatement> statements)
        : base(effects) => Statements = statements;

    /// <summary>In order; empty for an empty query string and for one that could not be parsed (which then is opaque).</summary>
    public ImmutableArray<SqlStatement> Statements { get; }

    /// <summary>The query string these facts were read from, to the byte; empty in a <see cref="SqlStatement.Body"/>.</summary>
    public ReadOnlyMemory<byte> Text { get; init; }

    /// <summary>A place for what the session last found these facts to reach. Opaque to everybody else; a lost write costs one look.</summary>
    internal object? Reach { get; set; }
}

/// <summary>What the session's own bookkeeping must do about a statement; everything else is <see cref="Plain"/>.</summary>
public enum StatementKind : byte
{
    /// <summary>SELECT, VALUES, TABLE, INSERT, UPDATE, DELETE, MERGE, EXPLAIN, SHOW, CALL, DO, DDL: nothing to follow by name.</summary>
    Plain,

    /// <summary>PREPARE name AS body. Runs nothing: the effects are <c>session</c>; what it will run is in the body.</summary>
    Prepare,
    Execute,

    /// <summary>DEALLOCATE name, or ALL (no name).</summary>
    Deallocate,

    /// <summary>DECLARE name CURSOR FOR body. The body's effects count here too.</summary>
    DeclareCursor,

    /// <summary>FETCH and MOVE from a cursor.</summary>
    Fetch,

    /// <summary>CLOSE name, or ALL (no name).</summary>
    CloseCursor,

    /// <summary>
    /// SET, RESET and set_config by any spelling: <see cref="SqlStatement.Name"/> is the setting, empty for RESET ALL, null when it
    /// may be any or several.
    /// </summary>
    Set,

    /// <summary>DISCARD; the name is <c>all</c>, <c>plans</c>, <c>temp</c> or <c>sequences</c>.</summary>
    Discard,
    Transaction,
    CopyIn,
    CopyOut,
}

/// <summary>One statement of a query string.</summary>
public sealed record SqlStatement
{
    public required StatementKind Kind { get; init; }

    /// <summary>The verb of the statement itself: <c>select</c>, <c>drop_table</c>, <c>execute</c>.</summary>
    public required string Verb { get; init; }

    /// <summary>Byte offset and length in the query string.</summary>
    public int Start { get; init; }

    public int Length { get; init; }

    /// <summary>
    /// The prepared statement, cursor, setting or savepoint it names, folded as the server folds it (settings in lower case); null
    /// means ALL or none.
    /// </summary>
    public string? Name { get; init; }

    /// <summary>The new value of a SET to one constant, else null.</summary>
    public string? Value { get; init; }

    /// <summary>
    /// What PREPARE, DECLARE CURSOR, EXPLAIN, COPY (query) and CREATE TABLE AS EXECUTE carry: one statement. An EXECUTE in there, at
    /// any depth, runs what the session has under its name; unless a plain EXPLAIN carries it, which only plans it.
    /// </summary>
    public SqlFacts? Body { get; init; }

    /// <summary>Every relation named anywhere in it, common table expressions excepted.</summary>
    public ImmutableArray<EffectObject> Relations { get; init; } = [];

    /// <summary>Every function called anywhere in it, by name or through column notation.</summary>
    public ImmutableArray<EffectObject> Functions { get; init; } = [];

    /// <summary>
    /// The names written as <c>row.name</c> anywhere in it: each a column, or a function of the database's own where the row has no
    /// such column.
    /// </summary>
    public ImmutableArray<string> Notations { get; init; } = [];

    /// <summary>The operators in it, those written with <c>pg_catalog</c> excepted: the database may have its own of that name.</summary>
    public ImmutableArray<string> Operators { get; init; } = [];

    /// <summary>The types that anything but a string is cast to, those of <c>pg_catalog</c> excepted: the database may run its own function there.</summary>
    public ImmutableArray<string> Casts { get; init; } = [];

    /// <summary>SQL in it that is still text: the body of a function in LANGUAGE sql. What it does counts among the effects.</summary>
    public ImmutableArray<string> Scripts { get; init; } = [];

    /// <summary>
    /// The output columns where they can be told apart, in order; empty when they cannot (set operations, VALUES, no rows).
    /// A star is one entry.
    /// </summary>
    public ImmutableArray<SqlOutput> Outputs { get; init; } = [];

    /// <summary>
    /// True when each column reference of the outputs can only mean a column of a relation in <see cref="Relations"/>: the top
    /// level reads named relations alone (joins of them included), with no column aliases, no CTE, no subquery, no function in FROM.
    /// </summary>
    public bool ReadsRelationsOnly { get; init; }

    /// <summary>
    /// For INSERT, UPDATE and MERGE: the column names that the written values are computed from (constants and parameters are
    /// none), those in common table expressions and under EXPLAIN included. <c>*</c> among them when that cannot be told: a
    /// subquery, a SELECT or a common table expression as the source, a whole row, <c>row.name</c> (unless the row is
    /// <c>excluded</c>), a function that is not a plain built-in.
    /// </summary>
    public ImmutableArray<string> CopiedColumns { get; init; } = [];

    /// <summary>
    /// True when rows are changed in it that its command tag does not count: in a common table expression, under EXPLAIN ANALYZE or
    /// COPY, in what a rule or a function that it defines will do.
    /// </summary>
    public bool ChangesInside { get; init; }

    /// <summary>
    /// True when it can change what names mean: search_path, role, DDL, DISCARD, DO, CALL, functions that were not read, and the end
    /// of a transaction or of a part of it (SET LOCAL, a rolled back SET, temporary relations).
    /// </summary>
    public bool MayMoveNames { get; init; }
}

public enum OutputKind : byte
{
    /// <summary>Cannot be told: subqueries, whole rows, functions that are not plain built-ins, casts to types that are not.</summary>
    Unknown,

    /// <summary><c>*</c> or <c>t.*</c>.</summary>
    Star,

    /// <summary>A column as it is; its name is the one of <see cref="SqlOutput.Columns"/>.</summary>
    Column,

    /// <summary>Built-in operators and functions over <see cref="SqlOutput.Columns"/> and constants; nothing else reaches the value.</summary>
    Expression,

    /// <summary>count(*) or count of anything plain: carries no value.</summary>
    Count,

    /// <summary>
    /// A column or an expression as above, but some of the columns are written <c>row.name</c>, which calls the function
    /// <c>name(row)</c> where the row has no such column: only who knows the row's columns can tell.
    /// </summary>
    Notation,
}

/// <summary>One output column: how it is made, and from which column names (unqualified, as folded).</summary>
public readonly record struct SqlOutput(OutputKind Kind, ImmutableArray<string> Columns);
