using System.Collections.Immutable;
using Sallyport.Core;
using Sallyport.Postgres.Catalogue;

namespace Sallyport.Postgres.Session;

/// <summary>Whose text is read, and what names mean in it. Immutable.</summary>
internal sealed record CodeScope
{
    /// <summary>What the client wrote.</summary>
    public static readonly CodeScope Statement = new();

    /// <summary>The function or rule whose text it is; null for the client's.</summary>
    public string? By { get; private init; }

    /// <summary>
    /// Not null when a table or a view runs it by itself, with what the client did to that: then whoever made it lends what it reads.
    /// </summary>
    public EffectKind? Lent { get; private init; }

    /// <summary>The server printed it: what has no schema is PostgreSQL's own.</summary>
    public bool IsPrinted { get; private init; }

    /// <summary>It is what the client itself asks for.</summary>
    public bool IsStatement => By is null && Lent is null;

    /// <summary>The schemas a name without one may mean; null for any.</summary>
    private ImmutableArray<string>? Path { get; init; }

    /// <summary>Of what the client's text has run without calling it.</summary>
    public static CodeScope Attached(EffectKind lent) => new() { Lent = lent };

    public static CodeScope Of(CatalogueFunction function, EffectKind? lent) => new()
    {
        By = function.IsSecurityDefiner ? $"{function} (SECURITY DEFINER)" : function.ToString(),
        Lent = lent,
        IsPrinted = function.IsPrinted,
        Path = function.IsPrinted ? [] : function.SearchPath,
    };

    public static CodeScope OfRule(CatalogueRelation? relation, EffectKind lent) =>
        new() { By = $"a rule of {relation?.Schema}.{relation?.Name}", Lent = lent, IsPrinted = true, Path = [] };

    public bool MayMean(string written, string schema) =>
        written.Length > 0 ? written == schema : schema == "pg_catalog" || Path is not { } path || path.Contains(schema);

    /// <summary>The relation under the one name that it has here, where that can be told.</summary>
    public EffectObject Resolve(EffectObject named, Catalogue.Catalogue catalogue)
    {
        if (named.Type != ObjectType.Relation || named.Schema.Length > 0 || Path is not { } path)
            return named;
        foreach (var schema in path)
        {
            if (catalogue.Named(named.Name).Any(r => r.Schema == schema))
                return named with { Schema = schema };
        }
        return named;
    }
}
