using Sallyport.Core;
using Sallyport.Identity;
using Sallyport.Policy.Yaml;

namespace Sallyport.Hosting.Configuration;

/// <summary>Resolves the paths of a configuration file against the folder that the file is in.</summary>
internal sealed class BasePath
{
    private const string FilePrefix = "file:";
    private readonly string _folder;

    public BasePath(string configurationFile)
    {
        File = configurationFile;
        _folder = Path.GetDirectoryName(configurationFile)!;
    }

    public string File { get; }

    public string Resolve(string path) => Path.GetFullPath(path, _folder);

    /// <summary>A path, with or without <c>file:</c> before it.</summary>
    public string ResolveFile(string path) => Resolve(WithoutPrefix(path));

    /// <summary>A path, with or without <c>file:</c> before it; null when the key is absent.</summary>
    public string? Optional(YamlMap map, string key) => map.Text(key) is { } text ? ResolveFile(text) : null;

    /// <summary>A secret's place; a secret written out is an error whose text does not repeat it.</summary>
    public ICredentialSource? Secret(YamlMap map, string key)
    {
        if (map.Find(key) is not { } node || node.AsText() is not { } text)
            return null;
        var resolved = text.StartsWith(FilePrefix, StringComparison.Ordinal) && text.Length > FilePrefix.Length
            ? FilePrefix + Resolve(WithoutPrefix(text))
            : text;
        if (CredentialSources.TryParse(resolved, out var source, out var error))
            return source;
        node.Problems.Error(node, error + ".");
        return null;
    }

    private static string WithoutPrefix(string text) =>
        text.StartsWith(FilePrefix, StringComparison.Ordinal) ? text[FilePrefix.Length..] : text;
}
