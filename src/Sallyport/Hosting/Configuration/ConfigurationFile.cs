using Sallyport.Policy.Yaml;

namespace Sallyport.Hosting.Configuration;

/// <summary>Reads sallyport.yaml. Everything wrong in it is reported at once.</summary>
internal static class ConfigurationFile
{
    public const string DefaultPolicy = "./policy.yaml";

    /// <exception cref="StartFailure">The file cannot be read, or is wrong; the message has one line per mistake.</exception>
    public static GatewayOptions Load(string path)
    {
        var options = Read(path, out var problems);
        return options ?? throw new StartFailure(StartFault.BadConfiguration,
            $"{path} has {problems.Count} mistake{(problems.Count == 1 ? "" : "s")}:\n{string.Join('\n', problems)}",
                "Nothing was started. Correct the file; sallyport check reads it without starting.");
    }

    /// <summary>Null and all problems when the file is wrong.</summary>
    public static GatewayOptions? Read(string path, out IReadOnlyList<YamlProblem> problems)
    {
        var full = Path.GetFullPath(path);
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(full);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartFailure(StartFault.BadConfiguration, $"the configuration {full} cannot be read: {e.Message}",
                "Say where it is with --config FILE, or try everything at once with: sallyport demo");
        }
        return Parse(path, bytes, full, out problems);
    }

    /// <summary>Where a configuration that is wrong elsewhere says its policy is; null when the file cannot be read so far.</summary>
    public static string? FindPolicy(string path)
    {
        var root = YamlReader.Read(path, File.ReadAllBytes(path));
        return root.Problems.Any ? null : new BasePath(Path.GetFullPath(path)).Resolve(root.Text("policy") ?? DefaultPolicy);
    }

    /// <param name="shownAs">The name that problems show.</param>
    /// <param name="bytes">UTF-8.</param>
    /// <param name="fullPath">Relative paths in the file are relative to its folder.</param>
    /// <param name="problems">Sorted by line.</param>
    public static GatewayOptions? Parse(string shownAs, ReadOnlySpan<byte> bytes, string fullPath, out IReadOnlyList<YamlProblem> problems)
    {
        var root = YamlReader.Read(shownAs, bytes);
        var options = root.Problems.Any ? null : new GatewaySection(new BasePath(fullPath)).Read(root);
        problems = root.Problems.Errors;
        return root.Problems.Any ? null : options;
    }
}
