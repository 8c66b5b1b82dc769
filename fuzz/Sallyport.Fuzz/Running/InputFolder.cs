using System.Security.Cryptography;

namespace Sallyport.Fuzz;

/// <summary>Inputs on disk, one a file, named after their content.</summary>
internal sealed class InputFolder(string path)
{
    public string Path { get; } = path;

    /// <summary>In the order of their names, so that a run is the same each time.</summary>
    public IEnumerable<byte[]> Read() =>
        Directory.Exists(Path) ? Directory.EnumerateFiles(Path).Order(StringComparer.Ordinal).Select(File.ReadAllBytes) : [];

    public string Write(byte[] input)
    {
        Directory.CreateDirectory(Path);
        var file = System.IO.Path.Combine(Path, NameOf(input));
        File.WriteAllBytes(file, input);
        return file;
    }

    public void Clear()
    {
        if (Directory.Exists(Path))
            Directory.Delete(Path, recursive: true);
    }

    private static string NameOf(byte[] input) => Convert.ToHexStringLower(SHA256.HashData(input))[..16];
}
