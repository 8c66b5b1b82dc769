using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Sallyport.Core;

namespace Sallyport.Postgres.Sql.Lineage;

/// <summary>
/// A <see cref="Query"/> and the database's relations → where each output column comes from, and what the query does with masked
/// columns on the way. Used once. Whatever cannot be told is <see cref="Origin.Unknown"/>.
/// </summary>
internal sealed partial class LineageResolver
{
    // More than any query has that a person or a program writes; names in names in names can ask for more.
    private const int MaxWork = 200_000;
    private const int MaxColumns = 1664;
    private const int MorePasses = 6;

    private readonly IRelationShapes _relations;
    private readonly HashSet<MaskedColumn> _reads = [];
    private int _work;

    public LineageResolver(IRelationShapes relations) => _relations = relations;

    /// <summary>The first thing that the query does and no mask allows; null when there is none.</summary>
    public Finding? Violation { get; private set; }

    /// <summary>The masked columns that the query names anywhere, by a star too; of a whole row one of them.</summary>
    public IReadOnlySet<MaskedColumn> Reads => _reads;

    /// <summary>The query's rows.</summary>
    public RowShape Resolve(Query query) => Resolve(query, null, CommonTables.None);

    private RowShape Resolve(Query query, Scope? outer, CommonTables tables)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (++_work > MaxWork)
        {
            Found(FindingKind.TooComplex, Origin.Unknown);
            return RowShape.Unknown;
        }
        tables = Open(query.With, outer, tables);
        return query switch
        {
            SelectQuery select => ResolveSelect(select, outer, tables),
            SetQuery set => ResolveSet(set, outer, tables),
            ValuesQuery values => ResolveValues(values, outer, tables),
            ChangeQuery change => ResolveChange(change, outer, tables),
            _ => RowShape.Unknown,
        };
    }

    private CommonTables Open(ImmutableArray<CommonTable> with, Scope? outer, CommonTables tables)
    {
        if (with is not [{ IsRecursive: true }, ..])
        {
            foreach (var table in with)
                tables = tables.With(table.Name, Named(Resolve(table.Query, outer, tables), table));
            return tables;
        }
        // All names are in sight of all. It starts from what is known without them and takes in what each pass adds, until nothing does.
        var shapes = with.Select(static _ => RowShape.Nothing).ToArray();
        for (var i = 0; i < shapes.Length; i++)
        {
            if (with[i].Query is SetQuery set)
                shapes[i] = Named(Resolve(set.Left, outer, Open(set.With, outer, WithAll())), with[i]);
        }
        for (var pass = 0; pass < shapes.Length + MorePasses; pass++)
        {
            var isSame = true;
            for (var i = 0; i < shapes.Length; i++)
            {
                var next = Named(Resolve(with[i].Query, outer, WithAll()), with[i]);
                isSame &= next.Same(shapes[i]);
                shapes[i] = next;
            }
            if (isSame)
                return WithAll();
        }
        Array.Fill(shapes, RowShape.Unknown);
        return WithAll();

        CommonTables WithAll()
        {
            var all = tables;
            for (var i = 0; i < shapes.Length; i++)
                all = all.With(with[i].Name, shapes[i]);
            return all;
        }
    }

    private static RowShape Named(RowShape rows, CommonTable table)
    {
        var named = rows.Renamed(table.Columns);
        // SEARCH and CYCLE add columns made of the others.
        return table.HasMoreColumns ? named with { IsComplete = false, Rest = named.All } : named;
    }

    private RowShape ResolveSelect(SelectQuery select, Scope? outer, CommonTables tables)
    {
        var scope = new Scope(outer);
        var decided = default(Origin);
        foreach (var source in select.From)
            AddSource(source, scope, outer, tables, ref decided);
        var rows = ResolveTargets(select.Targets, scope, tables);
        foreach (var condition in select.Conditions)
            decided = decided.With(Decide(condition, scope, tables, select.Targets, rows));
        return rows with { Decided = decided };
    }

    private RowShape ResolveTargets(ImmutableArray<Target> targets, Scope scope, CommonTables tables)
    {
        var columns = ImmutableArray.CreateBuilder<RowColumn>();
        var isComplete = true;
        var rest = default(Origin);
        foreach (var target in targets)
        {
            if (target.StarOf is not { } of)
            {
                columns.Add(new RowColumn(target.Name, Eval(target.Value, scope, tables)));
            }
            else if (isComplete && scope.Star(of) is { } star && columns.Count + star.Length <= MaxColumns)
            {
                _work += star.Length;
                foreach (var column in star)
                    columns.Add(column with { Origin = See(column.Origin) });
            }
            else
            {
                // From here on no column can be counted.
                isComplete = false;
                rest = rest.With(of.IsEmpty ? scope.All() : Eval(target.Value, scope, tables)).With(scope.All());
            }
        }
        if (isComplete)
            return new RowShape(columns.ToImmutable(), true);
        foreach (var column in columns)
            rest = rest.With(column.Origin);
        return new RowShape([], false) { Rest = rest };
    }

    private RowShape ResolveSet(SetQuery set, Scope? outer, CommonTables tables)
    {
        var left = Resolve(set.Left, outer, tables);
        var rows = left.Joined(Resolve(set.Right, outer, tables));
        var scope = new Scope(outer);
        scope.AddRows(rows);
        var decided = rows.Decided;
        foreach (var condition in set.Conditions)
            decided = decided.With(Decide(condition, scope, tables, [], rows));
        return rows with { Decided = decided };
    }

    private RowShape ResolveValues(ValuesQuery values, Scope? outer, CommonTables tables)
    {
        var scope = new Scope(outer);
        RowShape? rows = null;
        foreach (var row in values.Rows)
        {
            var columns = ImmutableArray.CreateBuilder<RowColumn>(row.Length);
            foreach (var value in row)
            {
                _work++;
                columns.Add(new RowColumn($"column{columns.Count + 1}", Eval(value, scope, tables)));
            }
            var one = new RowShape(columns.ToImmutable(), true);
            rows = rows?.Joined(one) ?? one;
        }
        rows ??= new RowShape([], true);
        scope.AddRows(rows);
        foreach (var condition in values.Conditions)
            Decide(condition, scope, tables, [], rows);
        return rows;
    }

    /// <summary>Where a value comes from, what decides inside it included.</summary>
    private Origin Eval(Value value, Scope scope, CommonTables tables)
    {
        _work++;
        if (value is { Kind: ValueKind.Column, Columns: [var only] })
            return See(scope.Find(only));
        var origin = default(Origin);
        foreach (var condition in value.Decides)
            origin = origin.With(Decide(condition, scope, tables, [], null));
        foreach (var column in value.Columns)
            origin = origin.With(See(scope.Find(column)));
        foreach (var (query, isPresence) in value.Queries)
        {
            var rows = Resolve(query, scope, tables);
            origin = origin.With(rows.Decided);
            if (!isPresence)
                origin = origin.With(rows.All);
        }
        foreach (var call in value.Calls)
        {
            if (!_relations.IsTrusted(call))
                origin = origin.With(Origin.Unknown);
        }
        return origin.Derived;
    }

    private Origin Decide(Condition condition, Scope scope, CommonTables tables, ImmutableArray<Target> targets, RowShape? outputs)
    {
        var origin = Eval(condition.Value, scope, tables);
        if (condition.Output > 0 && outputs is not null)
            origin = condition.Output <= outputs.Columns.Length ? outputs.Columns[condition.Output - 1].Origin : outputs.IsComplete ? default : outputs.Rest;
        var isFirst = true;
        foreach (var target in targets)
        {
            if (condition.OutputName is not { } name || target.Name != name || target.StarOf is not null)
                continue;
            // ORDER BY means the output of that name, GROUP BY only where no column has it.
            var output = Eval(target.Value, scope, tables);
            origin = isFirst && (condition.Kind == ConditionKind.Comparison || origin.IsUnknown) ? output : origin.With(output);
            isFirst = false;
        }
        Found(condition.Kind switch
        {
            ConditionKind.Presence => FindingKind.Presence,
            ConditionKind.Equality => FindingKind.Equality,
            _ => FindingKind.Comparison,
        }, origin);
        return origin.Derived;
    }

    private Origin See(Origin origin)
    {
        if (origin.Masked is { } masked)
            _reads.Add(masked);
        return origin;
    }

    private void Found(FindingKind kind, in Origin origin, string? into = null)
    {
        if (Violation is null && IsViolation(kind, origin))
            Violation = new Finding(kind, origin, into);
    }

    private bool IsViolation(FindingKind kind, in Origin origin)
    {
        if (origin.IsClean || kind == FindingKind.Presence)
            return false;
        if (kind is FindingKind.Copy or FindingKind.TooComplex)
            return true;
        return _relations.RestrictsPredicates && (origin.Masked is not { } column || origin.IsUnknown ||
               column.Predicates == PredicateUse.Deny || (column.Predicates == PredicateUse.Equality && kind == FindingKind.Comparison));
    }
}

/// <summary>What a query does with a masked column, or with what may be one.</summary>
internal enum FindingKind : byte
{
    Presence,
    Equality,
    Comparison,

    /// <summary>Writes it to a column that does not hide it.</summary>
    Copy,

    /// <summary>The query could not be followed to its end.</summary>
    TooComplex,
}

/// <summary>One such thing.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Origin">With which columns.</param>
/// <param name="Into">For <see cref="FindingKind.Copy"/>: the column that would have it.</param>
internal sealed record Finding(FindingKind Kind, Origin Origin, string? Into);

/// <summary>The common table expressions in sight. Immutable.</summary>
internal sealed class CommonTables
{
    public static readonly CommonTables None = new(null, "", RowShape.Unknown);

    private readonly CommonTables? _before;
    private readonly string _name;
    private readonly RowShape _rows;

    private CommonTables(CommonTables? before, string name, RowShape rows) => (_before, _name, _rows) = (before, name, rows);

    public CommonTables With(string name, RowShape rows) => new(this, name, rows);

    public RowShape? Find(string name)
    {
        for (var table = this; table._before is not null; table = table._before)
        {
            if (table._name == name)
                return table._rows;
        }
        return null;
    }
}
