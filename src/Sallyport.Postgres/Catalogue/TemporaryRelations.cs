using System.Collections.Frozen;

namespace Sallyport.Postgres.Catalogue;

/// <summary>The temporary relations of one session, with what views among them show and whose rows their parents include. Immutable.</summary>
internal sealed class TemporaryRelations
{
    public static readonly TemporaryRelations None = new(SearchPath.Temporary, [], [], []);

    private readonly FrozenDictionary<string, CatalogueRelation[]> _byName;
    private readonly FrozenDictionary<uint, CatalogueRelation> _byOid;

    /// <param name="schema">The name that their schema really has.</param>
    /// <param name="relations">Of the schema <see cref="SearchPath.Temporary"/>; of all kinds, indexes too, since all share the names.</param>
    /// <param name="columns">Of these.</param>
    /// <param name="dependencies">Of these.</param>
    public TemporaryRelations(
        string schema, IReadOnlyList<CatalogueRelation> relations, IReadOnlyList<CatalogueColumn> columns,
        IReadOnlyList<CatalogueDependency> dependencies)
    {
        Schema = schema;
        Relations = relations;
        Columns = columns;
        Dependencies = dependencies;
        _byName = relations.ToFrozenDictionary(static r => r.Name, static r => new[] { r }, StringComparer.Ordinal);
        _byOid = relations.ToFrozenDictionary(static r => r.Oid);
    }

    public string Schema { get; }

    public IReadOnlyList<CatalogueRelation> Relations { get; }

    public IReadOnlyList<CatalogueColumn> Columns { get; }

    public IReadOnlyList<CatalogueDependency> Dependencies { get; }

    public bool IsEmpty => Relations.Count == 0;

    public bool Has(string name) => _byName.ContainsKey(name);

    /// <summary>One or none.</summary>
    public IReadOnlyList<CatalogueRelation> Named(string name) => _byName.GetValueOrDefault(name, []);

    public CatalogueRelation? Find(uint oid) => _byOid.GetValueOrDefault(oid);

    public bool IsSchema(string name) => name == SearchPath.Temporary || name == Schema;

    public bool IsSame(TemporaryRelations other) =>
        Schema == other.Schema && Relations.SequenceEqual(other.Relations) && Columns.SequenceEqual(other.Columns) &&
        Dependencies.SequenceEqual(other.Dependencies);
}
