namespace Sallyport.Fuzz;

/// <summary>Makes the assemblies in a folder count the edges they run through. Only ever done to copies.</summary>
internal static class Instrumentation
{
    private static readonly string[] Assemblies =
        ["Sallyport.Core.dll", "Sallyport.Masking.dll", "Sallyport.Postgres.dll", "Sallyport.Ssh.dll"];

    public static void Apply(string folder)
    {
        foreach (var assembly in Assemblies)
            SharpFuzz.Fuzzer.Instrument(Path.Combine(folder, assembly), IsCounted, SharpFuzz.Options.Value);
    }

    // The grammar's clock runs on a thread of its own, and where a text lies in the cache is chance: neither is the input's doing.
    private static bool IsCounted(string type) =>
        !type.Contains(".Sql.Grammar", StringComparison.Ordinal) && !type.Contains(".Sql.FactsCache", StringComparison.Ordinal);
}
