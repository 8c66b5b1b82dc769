using Sallyport.Shared;

namespace Sallyport.Ssh.Keys.Hosts;

/// <summary>
/// The keys of hosts that were trusted when they were first seen, in a file: a line for each, the resource's name and the key as in
/// known_hosts. Only where the configuration asks for that. Thread-safe.
/// </summary>
public sealed class RememberedHosts(string path)
{
    private readonly Lock _file = new();

    /// <summary>Whether it is the key that was seen first; remembers it when none was. False too when the file cannot be used.</summary>
    /// <param name="resource">Whose key it is.</param>
    /// <param name="key">It has made its signature.</param>
    /// <param name="isNew">It was not known before.</param>
    public bool IsKnown(string resource, PublicKey key, out bool isNew)
    {
        isNew = false;
        var line = $"{resource} {key.Type} {Convert.ToBase64String(key.Blob.Span)}";
        lock (_file)
        {
            try
            {
                var lines = File.Exists(path) ? File.ReadAllLines(path) : [];
                var known = lines.FirstOrDefault(l => l.StartsWith(resource + " ", StringComparison.Ordinal));
                if (known is not null)
                    return known == line;
                PrivateFiles.Write(path, string.Join('\n', [.. lines, line]) + "\n");
                isNew = true;
                return true;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return false;
            }
        }
    }
}
