using System.Collections.Concurrent;
using System.Collections.Frozen;
using Sallyport.Core;

namespace Sallyport.Postgres.Catalogue;

/// <summary>A relation that masks or names may meet.</summary>
/// <param name="Oid">pg_class.oid.</param>
/// <param name="Schema">Its schema.</param>
/// <param name="Name">Its name.</param>
/// <param name="Kind">pg_class.relkind: r, p, v, m, f.</param>
public sealed record CatalogueRelation(uint Oid, string Schema, string Name, char Kind);

/// <summary>
/// What one upstream database has, as of one reading: the relations and functions outside the system's schemas by name, and of
/// the masked columns where they are and what else shows them. An immutable snapshot; what a session's names mean by it is a
/// <see cref="RelationScope"/>.
/// </summary>
public sealed class Catalogue
{
    // Whoever may change a search path at will must not make this grow.
    private const int MaxScopes = 256;

    private readonly FrozenDictionary<string, string[]> _relationSchemas;
    private readonly FrozenDictionary<string, string[]> _functionSchemas;
    private readonly FrozenDictionary<uint, CatalogueRelation> _byOid;
    private readonly ILookup<string, CatalogueRelation> _byName;
    private readonly FrozenDictionary<(string, string), CatalogueRelation[]> _bySchema;
    private readonly ConcurrentDictionary<string, RelationScope> _scopes = new(StringComparer.Ordinal);
    private readonly ILookup<uint, CatalogueDependency> _reached;

    public Catalogue(IReadOnlyList<CatalogueRelation> relations, IReadOnlyList<(string Schema, string Name)> functions, IReadOnlyList<CatalogueColumn> columns,
        IReadOnlyList<CatalogueDependency> dependencies, Catalogue? previous)
    {
        Relations = relations;
        Columns = columns;
        Dependencies = dependencies;
        _relationSchemas = Group(relations.Select(static r => (r.Schema, r.Name)));
        _functionSchemas = Group(functions);
        _byOid = relations.ToFrozenDictionary(static r => r.Oid);
        _reached = dependencies.ToLookup(static d => d.IsInheritance ? d.On : d.Relation);
        _byName = relations.ToLookup(static r => r.Name, StringComparer.Ordinal);
        _bySchema = relations.GroupBy(static r => (r.Schema, r.Name)).ToFrozenDictionary(static g => g.Key, static g => g.ToArray());
        Anywhere = new RelationScope(this, null, false, TemporaryRelations.None);
        FormerNames = previous is null ? [] : FormerNamesSince(previous);
    }

    public IReadOnlyList<CatalogueRelation> Relations { get; }

    public IReadOnlyList<CatalogueColumn> Columns { get; }

    public IReadOnlyList<CatalogueDependency> Dependencies { get; }

    /// <summary>The queries of views by the view's OID, names outside pg_catalog with their schema.</summary>
    public IReadOnlyDictionary<uint, string> Definitions { get; init; } = FrozenDictionary<uint, string>.Empty;

    /// <summary>Where a session looks of which it is not known where: an unqualified name may be in any schema.</summary>
    internal RelationScope Anywhere { get; }

    /// <summary>Of everything that was read.</summary>
    internal UInt128 Digest { get; init; }

    /// <summary>Of the schemas and who may use them: where a session looks may have changed when this did.</summary>
    internal UInt128 SchemaDigest { get; init; }

    /// <summary>What the database runs where a statement seems to use a built-in.</summary>
    public OwnCode OwnCode { get; init; } = OwnCode.None;

    public CodeTrust Trust { get; init; } = CodeTrust.Default;

    /// <summary>Whether the operator says of a function of the database's own that it computes a value from its arguments alone.</summary>
    public bool IsTrusted(string schema, string name) => Trust.Includes(schema, name);

    /// <summary>The same of all functions that the name may mean, of which there is one.</summary>
    public bool IsTrusted(EffectObject function)
    {
        var found = false;
        foreach (var own in OwnCode.Named(function.Name))
        {
            if (function.Schema.Length > 0 && own.Schema != function.Schema)
                continue;
            if (!IsTrusted(own.Schema, own.Name))
                return false;
            found = true;
        }
        return found;
    }

    /// <summary>
    /// Columns that had another name at an earlier reading: a mask goes with the column, so a rename does not take it off.
    /// </summary>
    public IReadOnlyList<FormerName> FormerNames { get; }

    /// <summary>What reading this relation reads too: the relations of a view, the children of a parent.</summary>
    public IEnumerable<uint> ReachedFrom(uint oid, bool childrenOnly) =>
        _reached[oid].Where(d => d.IsInheritance || !childrenOnly).Select(static d => d.IsInheritance ? d.Relation : d.On);

    public CatalogueRelation? Find(uint oid) => _byOid.GetValueOrDefault(oid);

    /// <summary>The relations of that name in whatever schema.</summary>
    public IEnumerable<CatalogueRelation> Named(string name) => _byName[name];

    public IReadOnlyList<CatalogueRelation> Find(string schema, string name) => _bySchema.GetValueOrDefault((schema, name), []);

    /// <summary>The scope of all sessions that look in these schemas and have no relations of their own.</summary>
    internal RelationScope ScopeOf(SearchPath path, bool isSettled)
    {
        var key = isSettled ? path.Key : "?" + path.Key;
        if (_scopes.TryGetValue(key, out var known))
            return known;
        var scope = new RelationScope(this, path, isSettled, TemporaryRelations.None);
        return _scopes.Count < MaxScopes ? _scopes.GetOrAdd(key, scope) : scope;
    }

    public ReadOnlySpan<string> SchemasOf(ObjectType type, string name)
    {
        var schemas = type == ObjectType.Function ? _functionSchemas : _relationSchemas;
        return schemas.TryGetValue(name, out var found) ? found : [];
    }

    private FormerName[] FormerNamesSince(Catalogue previous)
    {
        var names = Columns.ToDictionary(static c => (c.Relation, c.Attribute), static c => c.Name);
        var former = previous.FormerNames.Where(f => names.ContainsKey((f.Relation, f.Attribute))).ToHashSet();
        foreach (var column in previous.Columns)
        {
            var then = previous.Find(column.Relation)!;
            if (names.TryGetValue((column.Relation, column.Attribute), out var name) && Find(column.Relation) is { } now &&
                (name != column.Name || now.Name != then.Name || now.Schema != then.Schema))
                former.Add(new FormerName(column.Relation, column.Attribute, then.Schema, then.Name, column.Name));
        }
        return [.. former];
    }

    private static FrozenDictionary<string, string[]> Group(IEnumerable<(string Schema, string Name)> names) =>
        names.GroupBy(static n => n.Name, StringComparer.Ordinal)
            .ToFrozenDictionary(static g => g.Key, static g => g.Select(static n => n.Schema).Distinct().ToArray(), StringComparer.Ordinal);
}

/// <summary>A column by name and number (pg_attribute).</summary>
/// <param name="Relation">OID of its relation.</param>
/// <param name="Attribute">Its number.</param>
/// <param name="Name">Its name.</param>
/// <param name="Type">OID of its type; of a domain, of the type below; 0 when not read.</param>
/// <param name="IsGenerated">Computed from others: COPY by the relation's name leaves it out.</param>
public readonly record struct CatalogueColumn(uint Relation, short Attribute, string Name, uint Type = 0, bool IsGenerated = false);

/// <summary>
/// <paramref name="Relation"/> shows rows of <paramref name="On"/>: a view over it, or a child that its parent includes (and whose
/// own rows carry the parent's columns).
/// </summary>
public readonly record struct CatalogueDependency(uint Relation, uint On, bool IsInheritance);

/// <summary>What a column was called before.</summary>
public readonly record struct FormerName(uint Relation, short Attribute, string Schema, string RelationName, string Column);
