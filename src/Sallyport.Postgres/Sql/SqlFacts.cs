using System.Collections.Immutable;
using Sallyport.Core;
using Sallyport.Postgres.Sql.Lineage;

namespace Sallyport.Postgres.Sql;

/// <summary>
/// What PostgreSQL's own grammar read in one query string: all its effects (see <see cref="Facts"/>) and, per statement, what the
/// session must follow and masking must know. A function of the text alone.
/// </summary>
public sealed class SqlFacts : Facts
{
    public SqlFacts(ImmutableArray<Effect> effects, ImmutableArray<SqlStatement> statements)
        : base(effects)
    {
        Statements = statements;
        HasOpenNames = effects.Any(static e => e.Objects.Any(IsOpen)) || statements.Any(HasOpen);
        MovesNames = IsOpaque || statements.Any(static s => s.MayMoveNames);
        var first = statements.TakeWhile(static s => !s.MayMoveNames).Count();
        MovesNamesInside = statements.Skip(first + 1).Any(HasOpen) || (IsOpaque && statements.Length > 1);
    }

    /// <summary>In order; empty for an empty query string and for one that could not be parsed (which then is opaque).</summary>
    public ImmutableArray<SqlStatement> Statements { get; }

    /// <summary>The query string these facts were read from, to the byte; empty in a <see cref="SqlStatement.Body"/>.</summary>
    public ReadOnlyMemory<byte> Text { get; init; }

    /// <summary>Whether it names a relation or a function without a schema, or a temporary one: what that means, the session knows.</summary>
    public bool HasOpenNames { get; }

    /// <summary>Whether running it may change what names mean.</summary>
    public bool MovesNames { get; }

    /// <summary>Whether it has names behind what may change their meaning: what they will mean cannot be known before it runs.</summary>
    public bool MovesNamesInside { get; }

    /// <summary>A place for what the session last found these facts to reach. Opaque to everybody else; a lost write costs one look.</summary>
    internal object? Reach { get; set; }

    /// <summary>As <see cref="Reach"/>, of what masks make of these facts.</summary>
    internal object? Masking { get; set; }

    private static bool HasOpen(SqlStatement statement) =>
        statement.Relations.Any(IsOpen) || statement.Functions.Any(IsOpen) || statement.Body is { HasOpenNames: true };

    // What is in pg_temp is known to the session alone as well.
    private static bool IsOpen(EffectObject named) => named.Type is ObjectType.Relation or ObjectType.Function &&
        (named.Schema.Length == 0 || named.Schema.StartsWith("pg_temp", StringComparison.Ordinal));
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

    /// <summary>For <see cref="StatementKind.CopyOut"/>: how its data is to be read; else null.</summary>
    public CopyOptions? Copy { get; init; }

    /// <summary>Every relation named anywhere in it, common table expressions excepted.</summary>
    public ImmutableArray<EffectObject> Relations { get; init; } = [];

    /// <summary>Every function called anywhere in it, by name or through column notation.</summary>
    public ImmutableArray<EffectObject> Functions { get; init; } = [];

    /// <summary>The calls among <see cref="Functions"/> that are written as calls.</summary>
    public ImmutableArray<SqlCall> Calls { get; init; } = [];

    /// <summary>
    /// The names written as <c>row.name</c> or <c>(value).name</c> anywhere in it: each a column or field, or a function of the
    /// database's own where there is no such column.
    /// </summary>
    public ImmutableArray<string> Notations { get; init; } = [];

    /// <summary>
    /// The operators in it, also those that IN, BETWEEN, CASE and USING stand for, but not those written with <c>pg_catalog</c>: the
    /// database may have its own of that name.
    /// </summary>
    public ImmutableArray<EffectObject> Operators { get; init; } = [];

    /// <summary>The types that anything but a string is cast to: the database may run its own function there.</summary>
    public ImmutableArray<string> Casts { get; init; } = [];

    /// <summary>The types that anything is cast to: a domain checks what becomes one.</summary>
    public ImmutableArray<string> Types { get; init; } = [];

    /// <summary>SQL in it that is still text: the body of a function in LANGUAGE sql. What it does counts among the effects.</summary>
    public ImmutableArray<string> Scripts { get; init; } = [];

    /// <summary>
    /// Where its values come from, for SELECT, VALUES and changes, and for the query that CREATE TABLE AS and CREATE VIEW carry; what other
    /// statements carry has it in its <see cref="Body"/>.
    /// </summary>
    internal Query? Query { get; init; }

    /// <summary>The rows of <see cref="Query"/> go into a relation, or are what a view shows: they do not come to the client.</summary>
    public bool IsStored { get; init; }

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
