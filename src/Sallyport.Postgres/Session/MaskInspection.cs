using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Sallyport.Core;
using Sallyport.Postgres.Sql;
using Sallyport.Postgres.Sql.Lineage;

namespace Sallyport.Postgres.Session;

/// <summary>One look of a guard at the facts of a query string. Used once.</summary>
internal sealed class MaskInspection
{
    private readonly MaskGuard _guard;
    private readonly SqlFacts _facts;
    private readonly ImmutableArray<RowShape>.Builder _rows = ImmutableArray.CreateBuilder<RowShape>();

    public MaskInspection(MaskGuard guard, SqlFacts facts)
    {
        _guard = guard;
        _facts = facts;
    }

    public MaskReading Read()
    {
        if (_facts.IsOpaque)
            return Refused("it cannot be read to the end, so its answer cannot be masked");
        if (WhyNever() is { } never)
            return Refused(never);
        var touch = MaskTouch.Untouched;
        try
        {
            foreach (var statement in _facts.Statements)
            {
                // Which statement's rows come is not known: only the origins of those that touch can make one clean.
                if (Touch(statement) == MaskTouch.Untouched)
                    continue;
                touch = MaskTouch.Touches;
                if (WhyNot(statement) is { } reason)
                    return Refused(reason);
            }
        }
        catch (InsufficientExecutionStackException)
        {
            return Refused("it is nested too deeply to be followed");
        }
        return new MaskReading(_guard, touch, null, touch == MaskTouch.Untouched ? [] : _rows.ToImmutable());
    }

    private MaskReading Refused(string reason) => new(_guard, MaskTouch.Refused, reason, []);

    /// <summary>What can read masked columns without naming a relation that has them, or null.</summary>
    private string? WhyNever()
    {
        foreach (var effect in _facts.Effects)
        {
            if (effect.Kind == EffectKind.Server)
                return "it may read them past the masks";
            if (effect.Kind is EffectKind.Create or EffectKind.Alter && DefinesCode(effect.Verb))
                return "it would define code that reads them past the masks";
            // Masks know their relations by name.
            if (effect.Kind is EffectKind.Alter or EffectKind.Privilege && effect.Objects.Any(o => o.Type == ObjectType.Schema && _guard.HoldsTainted(o.Name)))
                return "it would change what guards them";
        }
        foreach (var statement in _facts.Statements)
        {
            if (WhyNever(statement) is { } reason)
                return reason;
        }
        return null;
    }

    private string? WhyNever(SqlStatement statement)
    {
        if (statement.Notations.Any(_guard.Catalogue.OwnCode.HasNotation))
            return "it calls a function of the database's own, which may read them";
        if (statement.Relations.Any(static r => r.Name.StartsWith("pg_toast_", StringComparison.Ordinal) || Statistics.Contains(r.Name)))
            return "the statistics and TOAST tables hold values of masked columns";
        foreach (var function in statement.Functions)
        {
            if (function.Name is "pg_stat_get_activity" or "pg_stat_get_backend_activity")
                return "the statements of other sessions may hold them";
            // The server may prefer it to the built-in function of that name.
            if (function.Schema != "pg_catalog" && _guard.Catalogue.SchemasOf(ObjectType.Function, function.Name).Length > 0 && !_guard.Catalogue.IsTrusted(function))
                return $"{function.Name} may be a function of the database's own; write pg_catalog.{function.Name} for the built-in one";
        }
        return statement.Body?.Statements.Select(WhyNever).FirstOrDefault(static why => why is not null);
    }

    private static readonly HashSet<string> Statistics = ["pg_stats", "pg_statistic", "pg_stats_ext", "pg_stats_ext_exprs", "pg_statistic_ext_data"];

    private static bool DefinesCode(string verb) =>
        verb.EndsWith("_function", StringComparison.Ordinal) || verb.EndsWith("_procedure", StringComparison.Ordinal) ||
        verb.EndsWith("_aggregate", StringComparison.Ordinal) || verb.Contains("_operator", StringComparison.Ordinal) ||
        verb is "create_cast" or "create_rule" or "create_trigger" or "create_transform" or "create_conversion";

    private MaskTouch Touch(SqlStatement statement)
    {
        if (statement.Relations.Any(_guard.IsTainted))
            return MaskTouch.Touches;
        return statement.Body is { } body && body.Statements.Any(s => Touch(s) != MaskTouch.Untouched) ? MaskTouch.Touches : MaskTouch.Untouched;
    }

    private string? WhyNot(SqlStatement statement)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (statement.Kind == StatementKind.CopyOut && _guard.WhyNotCopy(statement.Copy!, _facts) is { } copy)
            return copy;
        if (statement.Kind == StatementKind.CopyIn)
            return null;
        if (_facts.Effects.Any(e => ChangesGuard(e)))
            return "it would put values of masked columns, or what guards them, out of the masks' reach";
        if (statement.Functions.Any(Keeps))
            return "it may leave their values where they are not masked";
        if (statement.Body is { Statements: [var inner] })
            return WhyNot(statement, inner);
        return WhyNot(statement, null);
    }

    private string? WhyNot(SqlStatement statement, SqlStatement? inner)
    {
        var query = (inner ?? statement).Query;
        if (query is null)
        {
            if (inner?.Body is { Statements: [var innermost] })
                return WhyNot(statement, innermost);
            // Rows of EXECUTE and FETCH are those of what they run, which is looked at beside them.
            if (!IsRowless(statement))
                _rows.Add(RowShape.Unknown);
            return statement.IsStored ? "what it stores cannot be followed to its source" : null;
        }
        var resolver = new LineageResolver(_guard.Relations);
        var rows = resolver.Resolve(query);
        if (resolver.Violation is { } violation)
            return MaskWords.Of(violation);
        if (statement.IsStored || inner is { IsStored: true })
            return rows.All.IsClean ? null : "it would put values of masked columns where they are not masked";
        foreach (var column in rows.Columns)
        {
            if (column.Origin is { IsPlain: false, RefusesDerived: true, Masked: { } masked })
                return $"it computes with {masked.Name}, which mask \"{masked.Rule}\" shows only as it is";
        }
        if (statement.Verb is "explain" or "explain_analyze")
            _rows.Add(new RowShape([new RowColumn(null, default)], true));
        else if (!IsRowless(statement) && query is not ChangeQuery { Returning.IsEmpty: true })
            _rows.Add(rows);
        return null;
    }

    private static bool IsRowless(SqlStatement statement) =>
        statement.Kind is StatementKind.Prepare or StatementKind.DeclareCursor or StatementKind.Execute or StatementKind.Fetch or StatementKind.CloseCursor
            or StatementKind.Deallocate or StatementKind.CopyOut;

    // A comment shows nothing; a relation that is made of a query has what the query shows, which is looked at.
    private bool ChangesGuard(Effect effect) => effect.Kind switch
    {
        EffectKind.Alter => effect.Verb != "comment",
        EffectKind.Create => effect.Verb is not ("create_table_as" or "select_into" or "create_view" or "create_materialized_view")
            || !_facts.Statements.All(static s => s.IsStored),
        EffectKind.Server or EffectKind.Privilege => true,
        _ => false,
    };

    // Settings, sequences, large objects, locks: what a call does beyond its answer can be read back later.
    private bool Keeps(EffectObject function) =>
        function.Name != "nextval" && FunctionTable.EffectOf(function.Schema, function.Name, 1) is { } kind &&
        !(kind == EffectKind.Opaque && _guard.Catalogue.IsTrusted(function));
}
