using Sallyport.Core;

namespace Sallyport.Postgres.Catalogue;

/// <summary>The schemas where a session looks for what a name without a schema means, in the server's order. Immutable.</summary>
internal sealed class SearchPath
{
    /// <summary>The schema of the session's own relations, whatever number it has.</summary>
    public const string Temporary = "pg_temp";

    /// <summary>What a name means that a temporary relation has.</summary>
    public static readonly string[] TemporaryOnly = [Temporary];

    private readonly string[][] _schemas;

    /// <param name="schemas">As <c>current_schemas(true)</c> says them.</param>
    public SearchPath(IEnumerable<string> schemas)
    {
        _schemas = [.. schemas.Select(static s => IsTemporary(s) ? TemporaryOnly : [s])];
        Key = string.Join('\0', _schemas.Select(static s => s[0]));
    }

    /// <summary>Two paths with the same key are the same.</summary>
    public string Key { get; }

    /// <summary>The schemas, each as what a name means that is found there.</summary>
    public ReadOnlySpan<string[]> Schemas => _schemas;

    /// <summary>Whether a function of one of these schemas is preferred to the built-in of the same name and arguments.</summary>
    public bool PutsBeforeBuiltIns(ReadOnlySpan<string> schemas)
    {
        foreach (var schema in _schemas)
        {
            if (schema[0] == "pg_catalog")
                return false;
            if (schema[0] != Temporary && schemas.Contains(schema[0]))
                return true;
        }
        return false;
    }

    private static bool IsTemporary(string schema) => schema == Temporary || schema.StartsWith("pg_temp_", StringComparison.Ordinal);
}
