using System.Globalization;
using System.Security.Cryptography;

namespace Sallyport.Identity;

/// <summary>
/// The ids in <see cref="Core.Principal.Proof"/>: a letter, a dash and 8 characters of Crockford base32. <c>s-</c> is an issued
/// secret, <c>c-</c> a configured one, <c>t-</c> a token, <c>k-</c> a public key, <c>x-</c> a certificate (whose proof also tells its
/// authority, <c>a-</c>, and serial). A protocol may append <c>+cb</c> and the like to the proof.
/// </summary>
internal static class ProofIds
{
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private const int IdLength = 10;

    public static string New() => "s-" + RandomNumberGenerator.GetString(Alphabet, 8);

    public static string FromHash(char kind, ReadOnlySpan<byte> hash)
    {
        Span<char> id = stackalloc char[IdLength];
        id[0] = kind;
        id[1] = '-';
        for (var i = 2; i < id.Length; i++)
            id[i] = Alphabet[hash[i] & 31];
        return new string(id);
    }

    public static string SecretProof(string id) => "secret:" + id;

    public static string TokenProof(string issuer, string id) => $"jwt:{issuer}#{id}";

    public static string KeyProof(string id) => "key:" + id;

    public static string CertificateProof(string authorityId, ulong serial, string id) =>
        string.Create(CultureInfo.InvariantCulture, $"certificate:{authorityId}:{serial}#{id}");

    /// <summary>The parts of a <see cref="CertificateProof"/>; false when the proof is another one.</summary>
    public static bool TryReadCertificate(string proof, out ReadOnlySpan<char> authorityId, out ulong serial)
    {
        authorityId = default;
        serial = 0;
        var rest = proof.AsSpan();
        if (!rest.StartsWith("certificate:", StringComparison.Ordinal))
            return false;
        rest = rest["certificate:".Length..];
        var end = rest.IndexOf('#');
        if (end <= IdLength || rest[IdLength] != ':')
            return false;
        authorityId = rest[..IdLength];
        return ulong.TryParse(rest[(IdLength + 1)..end], NumberStyles.None, CultureInfo.InvariantCulture, out serial);
    }

    /// <summary>The id in a proof; false when the proof is not one of ours.</summary>
    public static bool TryFind(string proof, out ReadOnlySpan<char> id)
    {
        id = default;
        var text = proof.AsSpan();
        var start = text.StartsWith("secret:", StringComparison.Ordinal) ? "secret:".Length
            : text.StartsWith("key:", StringComparison.Ordinal) ? "key:".Length
            : text.StartsWith("jwt:", StringComparison.Ordinal) || text.StartsWith("certificate:", StringComparison.Ordinal)
                ? text.LastIndexOf('#') + 1
            : 0;
        if (start == 0 || text.Length - start < IdLength)
            return false;
        id = text.Slice(start, IdLength);
        return text.Length == start + IdLength || text[start + IdLength] == '+';
    }
}
