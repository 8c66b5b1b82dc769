using System.Collections.Immutable;

namespace Sallyport.Postgres.Catalogue;

/// <summary>The SET clauses of a function, as pg_proc.proconfig has them: <c>name=value</c>.</summary>
internal static class SettingNames
{
    private const string PathPrefix = "search_path=";

    public static string NameOf(string setting) => setting.Split('=', 2)[0].ToLowerInvariant();

    /// <summary>The schemas of a search path; null without one, or when it names what only the session knows.</summary>
    public static ImmutableArray<string>? PathOf(ImmutableArray<string> settings)
    {
        if (settings.FirstOrDefault(static s => s.StartsWith(PathPrefix, StringComparison.Ordinal)) is not { } path)
            return null;
        var schemas = ImmutableArray.CreateBuilder<string>();
        foreach (var part in path[PathPrefix.Length..].Split(','))
        {
            var name = part.Trim();
            if (name.StartsWith('"'))
            {
                // A comma or a quote within a name is not worth a parser: then the path is not narrowed.
                if (name.Length < 2 || !name.EndsWith('"') || name[1..^1].Contains('"', StringComparison.Ordinal))
                    return null;
                name = name[1..^1];
            }
            if (name is "$user" or "pg_temp")
                return null;
            if (name.Length > 0)
                schemas.Add(name);
        }
        return schemas.ToImmutable();
    }
}
