using System.Collections.Immutable;

namespace Sallyport.Policy.Yaml;

/// <summary>
/// Collects everything wrong in one file, so that all of it is reported at once. Errors make the file unusable; warnings do not.
/// </summary>
public sealed class YamlProblems
{
    private readonly List<YamlProblem> _errors = [];
    private readonly List<YamlProblem> _warnings = [];

    public YamlProblems(string file) => File = file;

    public string File { get; }

    public bool Any => _errors.Count > 0;

    /// <summary>Sorted by line and column.</summary>
    public ImmutableArray<YamlProblem> Errors => Sorted(_errors);

    /// <summary>Sorted by line and column.</summary>
    public ImmutableArray<YamlProblem> Warnings => Sorted(_warnings);

    public void Error(YamlNode at, string message) => Error(at.Line, at.Column, at.Path, message);

    public void Error(int line, int column, string path, string message) =>
        _errors.Add(new YamlProblem(File, line, column, path, message));

    public void Warn(YamlNode at, string message) => _warnings.Add(new YamlProblem(File, at.Line, at.Column, at.Path, message));

    private static ImmutableArray<YamlProblem> Sorted(List<YamlProblem> problems) =>
        [.. problems.OrderBy(static p => p.Line).ThenBy(static p => p.Column)];
}
