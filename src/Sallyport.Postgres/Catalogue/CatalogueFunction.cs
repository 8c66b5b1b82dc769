using System.Collections.Immutable;
using System.Text;
using Sallyport.Postgres.Sql;

namespace Sallyport.Postgres.Catalogue;

/// <summary>A function, procedure or aggregate of the database's own (pg_proc), those of extensions included. Immutable.</summary>
public sealed record CatalogueFunction(uint Oid, string Schema, string Name)
{
    public const string Sql = "sql";

    /// <summary>The longest body that is read, in bytes.</summary>
    public const int LongestBody = 64 * 1024;

    // Settings of a function under which its body means what it says.
    private static readonly string[] TameSettings =
    [
        "search_path", "statement_timeout", "lock_timeout", "work_mem", "maintenance_work_mem", "timezone", "datestyle", "intervalstyle",
        "extra_float_digits", "row_security", "plan_cache_mode", "jit", "default_transaction_isolation", "default_transaction_read_only",
    ];

    private SqlFacts? _facts;

    /// <summary>pg_proc.xmin: another one, another definition.</summary>
    public string Version { get; init; } = "";

    public bool IsExtension { get; init; }

    /// <summary>As it is declared; then a call may give none.</summary>
    public bool TakesArguments { get; init; }

    public int MinArguments { get; init; }

    public int MaxArguments { get; init; }

    public string Language { get; init; } = Sql;

    public bool IsSecurityDefiner { get; init; }

    /// <summary>Its SET clauses, each <c>name=value</c>.</summary>
    public ImmutableArray<string> Settings { get; init; } = [];

    /// <summary>The SQL that it runs; null when it is not SQL, or too long.</summary>
    public string? Body { get; init; }

    /// <summary>The server printed the body (BEGIN ATOMIC): a name without a schema is one of <c>pg_catalog</c>.</summary>
    public bool IsPrinted { get; init; }

    public bool IsAggregate { get; init; }

    /// <summary>Whether so many arguments can be given; -1 fits any.</summary>
    public bool Fits(int arguments) => arguments < 0 || (arguments >= MinArguments && arguments <= MaxArguments);

    /// <summary>The schemas of its own search path; null when names mean what they mean to the caller.</summary>
    public ImmutableArray<string>? SearchPath => SettingNames.PathOf(Settings);

    /// <summary>Why its body cannot be read, or null.</summary>
    public string? WhyUnread
    {
        get
        {
            if (Language != Sql)
                return $"is in LANGUAGE {Language}";
            if (Body is null)
                return "has a body that cannot be had";
            return Settings.FirstOrDefault(static s => !TameSettings.Contains(SettingNames.NameOf(s))) is { } setting
                ? $"sets {SettingNames.NameOf(setting)}"
                : null;
        }
    }

    /// <summary>The same under the name that it has now.</summary>
    internal CatalogueFunction Called(CatalogueFunction now) => Schema == now.Schema && Name == now.Name && IsExtension == now.IsExtension
        ? this
        : this with { Schema = now.Schema, Name = now.Name, IsExtension = now.IsExtension };

    internal CatalogueFunction WithBody(string? body) => body == Body ? this : this with { Body = body, _facts = null };

    public override string ToString() => $"{Schema}.{Name}";

    /// <summary>What the body does; read once.</summary>
    internal SqlFacts FactsOf(SqlReader sql) => _facts ??= sql.Read(Encoding.UTF8.GetBytes(Body!));
}
