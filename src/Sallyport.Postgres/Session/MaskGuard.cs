using System.Collections.Frozen;
using System.Collections.Immutable;
using Sallyport.Core;
using Sallyport.Postgres.Catalogue;
using Sallyport.Postgres.Masking;
using Sallyport.Postgres.Sql;
using Sallyport.Postgres.Wire;

namespace Sallyport.Postgres.Session;

/// <summary>What a statement has to do with masked columns.</summary>
internal enum MaskTouch : byte
{
    Untouched,

    /// <summary>It reads a relation that has or shows a masked column: what has no known origin in its rows is masked.</summary>
    Touches,

    /// <summary>Its answer, or where it puts the values, cannot be masked.</summary>
    Refused,
}

/// <summary>
/// The masks of one principal joined to one reading of the catalogue. Says which statements may pass and plans their rows: by
/// origin (table OID and attribute number) first; an output without an origin is masked unless the grammar shows that it is
/// made of other columns alone. Immutable.
/// </summary>
internal sealed class MaskGuard
{
    private readonly FrozenDictionary<(uint, short), Mask> _columns;
    private readonly FrozenSet<uint> _tainted;
    private readonly FrozenSet<string> _columnNames;
    private readonly Catalogue.Catalogue _catalogue;
    private readonly MaskSet _masks;
    private readonly RelationScope _scope;
    private readonly FrozenSet<uint> _temporary;

    public MaskGuard(MaskSet masks, Catalogue.Catalogue catalogue)
    {
        _masks = masks;
        _catalogue = catalogue;
        var map = new MaskMap(masks, catalogue);
        _columns = map.Columns.ToFrozenDictionary();
        _tainted = map.Tainted.ToFrozenSet();
        _columnNames = map.ColumnNames.ToFrozenSet(StringComparer.Ordinal);
        _scope = catalogue.Anywhere;
        _temporary = [];
    }

    private MaskGuard(MaskGuard other, RelationScope scope)
    {
        _masks = other._masks;
        _catalogue = other._catalogue;
        _columns = other._columns;
        _tainted = other._tainted;
        _columnNames = other._columnNames;
        _scope = scope;
        _temporary = scope.Temporary.Relations.Select(static r => r.Oid).Where(oid => Shows(oid, [])).ToFrozenSet();
    }

    public MaskSet Masks => _masks;

    public Catalogue.Catalogue Catalogue => _catalogue;

    /// <summary>The same masks where names mean what they do in this scope, which is of the same catalogue.</summary>
    public MaskGuard In(RelationScope scope) => ReferenceEquals(scope, _scope) ? this : new MaskGuard(this, scope);

    /// <summary>Looks at a whole query string. <paramref name="reason"/> is for the client.</summary>
    public MaskTouch Inspect(SqlFacts facts, out string? reason)
    {
        reason = null;
        if (_columns.Count == 0)
            return MaskTouch.Untouched;
        if (facts.IsOpaque)
        {
            reason = "it cannot be read to the end, so its answer cannot be masked";
            return MaskTouch.Refused;
        }
        if (WhyNeverMasked(facts) is { } never)
        {
            reason = never;
            return MaskTouch.Refused;
        }
        var touch = MaskTouch.Untouched;
        foreach (var statement in facts.Statements)
        {
            var one = Inspect(statement, facts, out reason);
            if (one == MaskTouch.Refused)
                return one;
            touch = one > touch ? one : touch;
        }
        return touch;
    }

    /// <summary>What can read masked columns without naming a relation that has them, or null.</summary>
    private string? WhyNeverMasked(SqlFacts facts)
    {
        foreach (var effect in facts.Effects)
        {
            if (effect.Kind == EffectKind.Server)
                return "it may read them past the masks";
            if (effect.Kind is EffectKind.Create or EffectKind.Alter && DefinesCode(effect.Verb))
                return "it would define code that reads them past the masks";
            // Masks know their relations by name.
            if (effect.Kind is EffectKind.Alter or EffectKind.Privilege && effect.Objects.Any(o => o.Type == ObjectType.Schema && HoldsTainted(o.Name)))
                return "it would change what guards them";
        }
        foreach (var statement in facts.Statements)
        {
            if (statement.Notations.Any(_catalogue.OwnCode.HasNotation))
                return "it calls a function of the database's own, which may read them";
            foreach (var function in statement.Functions)
            {
                if (function.Name is "pg_stat_get_activity" or "pg_stat_get_backend_activity" && _columns.Count > 0)
                    return "the statements of other sessions may hold them";
                // The server may prefer it to the built-in function of that name.
                if (function.Schema != "pg_catalog" && _catalogue.SchemasOf(ObjectType.Function, function.Name).Length > 0)
                    return $"{function.Name} may be a function of the database's own; write pg_catalog.{function.Name} for the built-in one";
            }
        }
        return null;
    }

    private bool HoldsTainted(string schema) => _tainted.Any(oid => _catalogue.Find(oid)?.Schema == schema);

    private static bool DefinesCode(string verb) =>
        verb.EndsWith("_function", StringComparison.Ordinal) || verb.EndsWith("_procedure", StringComparison.Ordinal) ||
        verb.EndsWith("_aggregate", StringComparison.Ordinal) || verb.Contains("_operator", StringComparison.Ordinal) ||
        verb is "create_cast" or "create_rule" or "create_trigger" or "create_transform" or "create_conversion";

    private MaskTouch Inspect(SqlStatement statement, SqlFacts facts, out string? reason)
    {
        reason = null;
        if (statement.Relations.Any(static r => r.Name.StartsWith("pg_toast_", StringComparison.Ordinal) || r.Name is "pg_stats" or "pg_statistic" or "pg_stats_ext" or "pg_stats_ext_exprs" or "pg_statistic_ext_data"))
        {
            reason = "the statistics and TOAST tables hold values of masked columns";
            return MaskTouch.Refused;
        }
        var tainted = statement.Relations.Count(IsTainted);
        if (tainted == 0)
            return statement.Body is { } body ? Inspect(body, out reason) : MaskTouch.Untouched;
        reason = WhyNot(statement, facts);
        return reason is null ? MaskTouch.Touches : MaskTouch.Refused;
    }

    private string? WhyNot(SqlStatement statement, SqlFacts facts)
    {
        if (statement.Kind == StatementKind.CopyOut)
            return "COPY sends rows that cannot be masked yet; use SELECT";
        if (statement.Kind == StatementKind.CopyIn)
            return null;
        foreach (var effect in facts.Effects)
        {
            switch (effect.Kind)
            {
                case EffectKind.Create or EffectKind.Alter or EffectKind.Server or EffectKind.Privilege:
                    return "it would put values of masked columns, or what guards them, out of the masks' reach";
                case EffectKind.Write when statement.CopiedColumns.Any(c => c == "*" || _columnNames.Contains(c)):
                case EffectKind.Write when statement.CopiedColumns.Length > 0 && statement.Relations.Any(IsTaintedView):
                    return "it would copy values of masked columns to where they are not masked";
            }
        }
        return statement.Functions.Any(static f => Keeps(f)) ? "it may leave their values where they are not masked" : null;
    }

    // Settings, sequences, large objects, locks: what a call does beyond its answer can be read back later.
    private static bool Keeps(EffectObject function) =>
        function.Name != "nextval" && FunctionTable.EffectOf(function.Schema, function.Name, 1) is not null;

    private bool IsTainted(EffectObject relation)
    {
        foreach (var candidate in _scope.Find(relation.Schema, relation.Name))
        {
            if (IsTainted(candidate.Oid))
                return true;
        }
        return false;
    }

    private bool IsTainted(uint oid) => _tainted.Contains(oid) || _temporary.Contains(oid);

    /// <summary>Whether a temporary relation shows what is masked: a view over it, or a child of what has it.</summary>
    private bool Shows(uint oid, HashSet<uint> seen) => _tainted.Contains(oid) || (seen.Add(oid) &&
        (_scope.ReachedFrom(oid, childrenOnly: false).Any(on => Shows(on, seen)) ||
         _scope.Temporary.Dependencies.Any(d => d.IsInheritance && d.Relation == oid && Shows(d.On, seen))));

    /// <summary>How rows of this shape are masked. <paramref name="facts"/> is what ran, or null when it is not known which statement's rows come.</summary>
    public RowPlan Plan(ReadOnlySpan<FieldDescription> fields, SqlFacts? facts, bool touches)
    {
        var columns = ImmutableArray.CreateBuilder<ColumnPlan>(fields.Length);
        var statement = facts is { Statements.Length: 1 } ? facts.Statements[0] : null;
        for (var i = 0; i < fields.Length; i++)
        {
            var field = fields[i];
            columns.Add(MaskOf(field, i, fields.Length, statement, touches) is { } mask
                ? ColumnPlan.Masked(mask, field.TypeOid, field.Format)
                : ColumnPlan.Detected(field.TypeOid, field.Format));
        }
        return new RowPlan(columns.MoveToImmutable(), _masks.Detectors);
    }

    private Mask? MaskOf(FieldDescription field, int index, int count, SqlStatement? statement, bool touches)
    {
        if (field.TableOid != 0)
        {
            if (_columns.TryGetValue((field.TableOid, field.Attribute), out var mask))
                return mask;
            // A whole row has attribute 0; a view's column may be any expression over a masked one.
            var isWholeRow = field.Attribute == 0;
            var isView = _scope.Find(field.TableOid) is { } relation && IsView(relation);
            return IsTainted(field.TableOid) && (isWholeRow || isView) ? Mask.Redact : null;
        }
        return !touches || IsClean(index, count, statement) ? null : Mask.Redact;
    }

    private bool IsClean(int index, int count, SqlStatement? statement)
    {
        if (statement is null)
            return false;
        if (statement.Verb == "explain")
            return true;
        var outputs = statement.Outputs;
        if (!statement.ReadsRelationsOnly || outputs.Length != count || outputs.Any(static o => o.Kind == OutputKind.Star))
            return false;
        var output = outputs[index];
        return output.Kind == OutputKind.Count ||
               (output.Kind is OutputKind.Expression or OutputKind.Column && !output.Columns.Any(_columnNames.Contains) && !statement.Relations.Any(IsTaintedView));
    }

    // Of the system's own views it is known which column shows what.
    private static bool IsView(CatalogueRelation relation) => relation is { Kind: 'v' or 'm', Schema: not "pg_catalog" };

    private bool IsTaintedView(EffectObject relation)
    {
        foreach (var candidate in _scope.Find(relation.Schema, relation.Name))
        {
            if (IsView(candidate) && IsTainted(candidate.Oid))
                return true;
        }
        return false;
    }
}
