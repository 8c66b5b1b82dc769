using System.Collections.Frozen;

namespace Sallyport.Postgres.Sql;

/// <summary>The worst that a function of that name may be, over all its overloads in PostgreSQL 15 and 18.</summary>
internal enum Volatility : byte
{
    Immutable,
    Stable,
    Volatile,
}

/// <summary>
/// The functions that PostgreSQL itself brings and SQL can call, by name, from <c>pg_proc</c> of PostgreSQL 15.18 and 18.4
/// (BuiltIns.txt: <c>name i|s|v[a|w]</c>, one a line, sorted).
/// </summary>
internal static class BuiltIns
{
    private static readonly FrozenDictionary<string, Volatility> Functions = Load();

    // pg_operator of the same servers, and the words that stand in an operator's place in the tree.
    private static readonly FrozenSet<string> Operators = FrozenSet.Create<string>([
        .. ("!! !~ !~* !~~ !~~* # ## #- #> #>> % & && &< &<| &> * *< *<= *<> *= *> *>= + - -> ->> -|- / < <-> << <<= <<| <= <> <@ "
            + "<^ = > >= >> >>= >^ ? ?# ?& ?- ?-| ?| ?|| @ @-@ @> @? @@ @@@ ^ ^@ | |&> |/ |>> || ||/ ~ ~* ~<=~ ~<~ ~= ~>=~ ~>~ ~~ ~~*").Split(' '),
        "BETWEEN", "NOT BETWEEN", "BETWEEN SYMMETRIC", "NOT BETWEEN SYMMETRIC",
    ]);

    public static IEnumerable<string> Names => Functions.Keys;

    public static bool IsOperator(string name) => Operators.Contains(name);

    public static bool TryGet(string name, out Volatility volatility) => Functions.TryGetValue(name, out volatility);

    private static FrozenDictionary<string, Volatility> Load()
    {
        using var stream = typeof(BuiltIns).Assembly.GetManifestResourceStream("BuiltIns.txt")!;
        using var reader = new StreamReader(stream);
        var functions = new Dictionary<string, Volatility>();
        while (reader.ReadLine() is { } line)
        {
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            functions.Add(line[..space], line[space + 1] switch { 'i' => Volatility.Immutable, 's' => Volatility.Stable, _ => Volatility.Volatile });
        }
        return functions.ToFrozenDictionary();
    }
}
