using System.Diagnostics.CodeAnalysis;

namespace Sallyport.Ssh.Keys.Hosts;

/// <summary>
/// The keys known of one server, a line each: <c>ssh-ed25519 AAAA…</c> is its own key, <c>@cert-authority ssh-ed25519 AAAA…</c> one
/// that certifies hosts, <c>@revoked ssh-ed25519 AAAA…</c> one never to be trusted. As known_hosts without the names. Immutable.
/// </summary>
public sealed class HostKeyList
{
    private const string AuthorityMark = "@cert-authority";
    private const string RevokedMark = "@revoked";
    private readonly List<PublicKey> _revoked = [];
    private readonly List<PublicKey> _keys = [];
    private readonly List<PublicKey> _authorities = [];

    private HostKeyList()
    {
    }

    public static HostKeyList Empty { get; } = new();

    public IReadOnlyList<PublicKey> Keys => _keys;

    public IReadOnlyList<PublicKey> Authorities => _authorities;

    /// <param name="lines">Empty ones and those that begin with # are skipped.</param>
    /// <param name="list">Null when false.</param>
    /// <param name="fault">What is wrong in the first line that is, to be read behind the line itself.</param>
    public static bool TryParse(IEnumerable<string> lines, [NotNullWhen(true)] out HostKeyList? list,
        [NotNullWhen(false)] out string? fault)
    {
        var read = new HostKeyList();
        list = null;
        foreach (var line in lines.Select(static l => l.Trim()).Where(static l => l.Length > 0 && l[0] != '#'))
        {
            var (text, keys) = line switch
            {
                _ when TryCut(line, AuthorityMark, out var rest) => (rest, read._authorities),
                _ when TryCut(line, RevokedMark, out var rest) => (rest, read._revoked),
                _ => (line, read._keys),
            };
            if (!PublicKey.TryParseLine(text, out var key, out fault))
                return false;
            keys.Add(key);
        }
        list = read;
        fault = null;
        return true;
    }

    public bool IsRevoked(PublicKey key) => _revoked.Any(k => k.Blob.Span.SequenceEqual(key.Blob.Span));

    private static bool TryCut(string line, string mark, out string rest)
    {
        var isThere = line.Length > mark.Length && line.StartsWith(mark, StringComparison.Ordinal) && char.IsWhiteSpace(line[mark.Length]);
        rest = isThere ? line[mark.Length..].TrimStart() : "";
        return isThere;
    }
}
