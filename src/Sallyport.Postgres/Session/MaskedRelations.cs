using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text;
using Sallyport.Core;
using Sallyport.Postgres.Catalogue;
using Sallyport.Postgres.Sql;
using Sallyport.Postgres.Sql.Lineage;

namespace Sallyport.Postgres.Session;

/// <summary>
/// The relations of one reading of the catalogue with the origin of each column: masked columns of tables, and those of views through
/// their definitions, read by the same grammar. Thread-safe; each view is read when it is first needed.
/// </summary>
internal sealed class MaskedRelations : IRelationShapes
{
    private const int MaxDepth = 32;

    private readonly RelationScope _scope;
    private readonly FrozenSet<uint> _temporary;
    private readonly FrozenDictionary<(uint, short), MaskedColumn> _masked;
    private readonly SqlReader _sql;
    private readonly ILookup<uint, CatalogueColumn> _columns;
    private readonly ConcurrentDictionary<uint, RowShape> _shapes;
    private readonly int _depth;

    public MaskedRelations(RelationScope scope, FrozenDictionary<(uint, short), MaskedColumn> masked, bool restrictsPredicates, SqlReader sql)
    {
        _scope = scope;
        _temporary = [];
        _masked = masked;
        _sql = sql;
        _columns = scope.Catalogue.Columns.OrderBy(static c => c.Attribute).ToLookup(static c => c.Relation);
        _shapes = new ConcurrentDictionary<uint, RowShape>();
        RestrictsPredicates = restrictsPredicates;
    }

    private MaskedRelations(MaskedRelations other, RelationScope scope, FrozenSet<uint> temporary, int depth, bool restrictsPredicates)
    {
        (_masked, _sql, _columns, _shapes) = (other._masked, other._sql, other._columns, other._shapes);
        (_scope, _temporary, _depth, RestrictsPredicates) = (scope, temporary, depth, restrictsPredicates);
    }

    public bool RestrictsPredicates { get; }

    /// <summary>The same where names mean what they do in this scope.</summary>
    /// <param name="scope">Of the same catalogue.</param>
    /// <param name="temporary">The session's own relations that show masked columns.</param>
    public MaskedRelations In(RelationScope scope, FrozenSet<uint> temporary) => new(this, scope, temporary, _depth, RestrictsPredicates);

    public bool IsTrusted(EffectObject function) => _scope.Catalogue.IsTrusted(function);

    public RowShape Find(string schema, string name)
    {
        RowShape? found = null;
        var isOne = true;
        foreach (var relation in _scope.Find(schema, name))
        {
            isOne &= found is null;
            found = found is null ? Of(relation) : Either(found, Of(relation));
        }
        return found is null ? RowShape.Unknown : isOne ? found : found with { IsComplete = false };
    }

    /// <summary>The columns of a relation; those of a view come from its definition.</summary>
    public RowShape Of(CatalogueRelation relation)
    {
        if (_scope.Temporary.Find(relation.Oid) is not null)
            return OfTemporary(relation);
        return _shapes.TryGetValue(relation.Oid, out var shape) ? shape : _shapes[relation.Oid] = Make(relation);
    }

    // What a session's own view is made of is not read: only whether it shows what is masked.
    private RowShape OfTemporary(CatalogueRelation relation)
    {
        var origin = _temporary.Contains(relation.Oid) ? Origin.Unknown : default;
        var columns = _scope.Temporary.Columns.Where(c => c.Relation == relation.Oid).OrderBy(static c => c.Attribute);
        return new RowShape([.. columns.Select(c => Column(c, origin))], true);
    }

    private RowShape Make(CatalogueRelation relation)
    {
        var columns = _columns[relation.Oid];
        // Of the system's own relations the columns are not read: what is masked there was.
        if (relation.Schema is "pg_catalog" or "information_schema")
            return new RowShape([.. columns.Select(c => Column(c, Origin.Of(_masked.GetValueOrDefault((c.Relation, c.Attribute)))))], false);
        if (relation.Kind is not ('v' or 'm'))
            return new RowShape([.. columns.Select(c => Column(c, Origin.Of(_masked.GetValueOrDefault((c.Relation, c.Attribute)))))], relation.Kind != 'S');
        var rows = Define(relation);
        var attributes = columns.ToArray();
        // A dropped column cannot be in a view, so the numbers are those of the query's rows.
        var fits = rows.IsComplete && rows.Columns.Length == attributes.Length;
        return new RowShape([.. attributes.Select((c, i) => Column(c, OfView(c, fits ? rows.Columns[i].Origin : Origin.Unknown)))], true);
    }

    private Origin OfView(CatalogueColumn column, Origin origin) =>
        _masked.TryGetValue((column.Relation, column.Attribute), out var own) ? Origin.Of(own) : origin;

    private static RowColumn Column(CatalogueColumn column, Origin origin) =>
        new(column.Name, origin with { Relation = column.Relation, Attribute = column.Attribute });

    private RowShape Define(CatalogueRelation view)
    {
        if (_depth >= MaxDepth || !_scope.Catalogue.Definitions.TryGetValue(view.Oid, out var text))
            return RowShape.Unknown;
        var facts = _sql.Read(Encoding.UTF8.GetBytes(text));
        return facts.Statements is [{ Query: { } query }] ? new LineageResolver(Inside()).Resolve(query) : RowShape.Unknown;
    }

    // A definition names relations with their schemas, and what it compares is its owner's business.
    private MaskedRelations Inside() => new(this, _scope.Catalogue.Anywhere, [], _depth + 1, restrictsPredicates: false);

    /// <summary>Of two relations that a name may mean, the columns of both.</summary>
    private static RowShape Either(RowShape one, RowShape other)
    {
        var columns = one.Columns.ToBuilder();
        foreach (var column in other.Columns)
        {
            var at = 0;
            while (at < columns.Count && columns[at].Name != column.Name)
                at++;
            if (at == columns.Count)
                columns.Add(column);
            else
                columns[at] = new RowColumn(column.Name, columns[at].Origin.With(column.Origin));
        }
        return new RowShape(columns.ToImmutable(), false) { Rest = one.Rest.With(other.Rest) };
    }
}
