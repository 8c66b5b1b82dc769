namespace Sallyport.Policy.Yaml;

/// <summary>
/// One thing wrong in a file, in the user's words. Lines and columns count from 1; <see cref="Path"/> is where in the document
/// (<c>rules[3].then</c>), empty for the document itself.
/// </summary>
public sealed record YamlProblem(string File, int Line, int Column, string Path, string Message)
{
    /// <summary><c>policy.yaml:12:7: rules[3].then: "alow" is not one of allow, deny, hold. Did you mean allow?</c></summary>
    public override string ToString() =>
        Path.Length == 0 ? $"{File}:{Line}:{Column}: {Message}" : $"{File}:{Line}:{Column}: {Path}: {Message}";
}
