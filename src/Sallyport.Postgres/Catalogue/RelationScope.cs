using Sallyport.Core;
using Sallyport.Postgres.Sql;

namespace Sallyport.Postgres.Catalogue;

/// <summary>
/// What the names of relations and functions mean in a session: one reading of the catalogue, the schemas where the session looks, and
/// its own temporary relations. A name without a schema means the first that has it; where that cannot be known, or none has it, it
/// may mean any. Immutable; sessions that look in the same schemas share one.
/// </summary>
internal sealed class RelationScope : INameResolver
{
    private readonly SearchPath? _path;
    private readonly bool _isSettled;
    private readonly RelationScope? _shared;

    /// <param name="catalogue">What the database has.</param>
    /// <param name="path">Where the session looks; null when that is not known.</param>
    /// <param name="isSettled">False while the session itself has changes under way that no reading of the catalogue can show yet.</param>
    /// <param name="temporary">The session's own.</param>
    public RelationScope(Catalogue catalogue, SearchPath? path, bool isSettled, TemporaryRelations temporary)
    {
        Catalogue = catalogue;
        Temporary = temporary;
        _path = path;
        _isSettled = isSettled;
        _shared = temporary.IsEmpty ? null : path is null ? catalogue.Anywhere : catalogue.ScopeOf(path, isSettled);
    }

    public Catalogue Catalogue { get; }

    public TemporaryRelations Temporary { get; }

    /// <summary>The same session's scope over another reading of the catalogue.</summary>
    public RelationScope On(Catalogue catalogue)
    {
        if (ReferenceEquals(catalogue, Catalogue))
            return this;
        if (!Temporary.IsEmpty)
            return new RelationScope(catalogue, _path, _isSettled, Temporary);
        return _path is null ? catalogue.Anywhere : catalogue.ScopeOf(_path, _isSettled);
    }

    /// <summary>What is enough for these facts: without the session's own relations when none is named, so that sessions share verdicts.</summary>
    public RelationScope For(SqlFacts facts) => _shared is null || NamesTemporary(facts) ? this : _shared;

    public ReadOnlySpan<string> SchemasOf(ObjectType type, string name)
    {
        var all = Catalogue.SchemasOf(type, name);
        if (type == ObjectType.Function)
            return FunctionIn(all);
        if (type != ObjectType.Relation)
            return all;
        foreach (var schema in _path is null ? [] : _path.Schemas)
        {
            if (schema[0] == SearchPath.Temporary)
            {
                if (Temporary.Has(name))
                    return schema;
            }
            else if (!_isSettled && schema[0] != "pg_catalog")
            {
                break;
            }
            else if (all.Contains(schema[0]))
            {
                return schema;
            }
        }
        return Temporary.Has(name) ? (string[])[SearchPath.Temporary, .. all] : all;
    }

    /// <summary>The relations that the name may mean: one where it is known, none where there is none of that name.</summary>
    /// <param name="schema">As written; empty when not.</param>
    /// <param name="name">As folded.</param>
    public IEnumerable<CatalogueRelation> Find(string schema, string name)
    {
        if (schema.Length > 0)
            return Temporary.IsSchema(schema) ? Temporary.Named(name) : Catalogue.Find(schema, name);
        var schemas = SchemasOf(ObjectType.Relation, name);
        if (schemas.Length == 1)
            return Find(schemas[0], name);
        return Temporary.Named(name).Concat(Catalogue.Named(name));
    }

    public CatalogueRelation? Find(uint oid) => Temporary.Find(oid) ?? Catalogue.Find(oid);

    /// <summary>What reading this relation reads too: the relations of a view, the children of a parent.</summary>
    public IEnumerable<uint> ReachedFrom(uint oid, bool childrenOnly)
    {
        var reached = Catalogue.ReachedFrom(oid, childrenOnly);
        return Temporary.IsEmpty
            ? reached
            : reached.Concat(Temporary.Dependencies
                .Where(d => d.IsInheritance ? d.On == oid : d.Relation == oid && !childrenOnly)
                .Select(static d => d.IsInheritance ? d.Relation : d.On));
    }

    /// <summary>Whether a function that is called by this name alone may be one of the database's own, though a built-in fits as well.</summary>
    public bool ShadowsBuiltIn(string function) =>
        Catalogue.SchemasOf(ObjectType.Function, function) is { IsEmpty: false } schemas && (_path is null || _path.PutsBeforeBuiltIns(schemas));

    /// <summary>Which function of the name it is, its arguments decide: all where the session looks. Never a temporary one.</summary>
    private ReadOnlySpan<string> FunctionIn(ReadOnlySpan<string> all)
    {
        if (_path is null || !_isSettled || all.IsEmpty)
            return all;
        List<string>? found = null;
        foreach (var schema in _path.Schemas)
        {
            if (schema[0] != SearchPath.Temporary && all.Contains(schema[0]))
                (found ??= []).Add(schema[0]);
        }
        return found is null ? all : found.Count == all.Length ? all : found.ToArray();
    }

    private bool NamesTemporary(SqlFacts facts)
    {
        foreach (var effect in facts.Effects)
        {
            foreach (var thing in effect.Objects)
            {
                if (thing.Type == ObjectType.Relation && Temporary.Has(thing.Name))
                    return true;
            }
        }
        foreach (var statement in facts.Statements)
        {
            foreach (var relation in statement.Relations)
            {
                if (Temporary.Has(relation.Name))
                    return true;
            }
            if (statement.Body is { } body && NamesTemporary(body))
                return true;
        }
        return false;
    }
}
