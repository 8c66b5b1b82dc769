using System.Text;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Keys.Certificates;

/// <summary>Reads a certificate from its blob and checks all that does not depend on who asks and when.</summary>
internal static class CertificateReader
{
    private const int MinNonce = 16;
    private const int MaxPrincipals = 256;
    private const int MaxKeyId = 1024;
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>Null when it is wrong; the fault stays null where there is nothing more to say than that.</summary>
    public static Certificate? Read(ReadOnlySpan<byte> blob, out string? fault)
    {
        fault = null;
        var reader = new SshReader(blob);
        if (blob.Length > Certificate.MaxBlob || !reader.TryReadString(out var typeBytes) || !reader.TryReadString(out var nonce))
            return null;
        var type = typeBytes.Length <= 64 ? Encoding.ASCII.GetString(typeBytes) : "";
        if (KeyAlgorithm.Uncertified(type) is not { } keyType)
            return Fault("the certificate's type is not supported", out fault);
        if (nonce.Length < MinNonce)
            return Fault("the certificate has no nonce", out fault);
        if (!TryReadKey(keyType, ref reader, out var key, ref fault) ||
            !reader.TryReadUInt64(out var serial) || !reader.TryReadUInt32(out var kind) || !reader.TryReadString(out var keyIdBytes) ||
            !reader.TryReadString(out var principalBytes) || !reader.TryReadUInt64(out var validAfter) ||
            !reader.TryReadUInt64(out var validBefore) || !reader.TryReadString(out var critical) ||
            !reader.TryReadString(out var extensions) || !reader.TryReadString(out _) || !reader.TryReadString(out var authorityBlob))
            return null;
        var signed = blob[..^reader.Rest.Length];
        if (!reader.TryReadString(out var signature) || !reader.IsAtEnd)
            return null;

        if (kind is not (uint)CertificateKind.User and not (uint)CertificateKind.Host)
            return Fault("the certificate is neither for a user nor for a host", out fault);
        if (!TryText(keyIdBytes, MaxKeyId, out var keyId) || keyId.Any(char.IsControl))
            return Fault("the certificate's key id is too long or not text", out fault);
        if (ReadPrincipals(principalBytes, out fault) is not { } principals)
            return null;
        if (CertificateRestrictions.Read((CertificateKind)kind, critical, extensions, out fault) is not { } restrictions)
            return null;
        // A certificate as an authority is a chain, which OpenSSH does not have either: parsing it as a key refuses it.
        if (!PublicKey.TryParse(authorityBlob, out var authority, out var why))
            return Fault($"the certificate's authority: {why}", out fault);
        if (!IsSigned(authority, signature, signed))
            return Fault("the certificate's signature is not its authority's, or of an algorithm that is not taken", out fault);
        return new Certificate
        {
            Blob = blob.ToArray(),
            Type = type,
            Key = key!,
            Authority = authority,
            Kind = (CertificateKind)kind,
            Serial = serial,
            KeyId = keyId,
            Principals = principals,
            ValidAfter = validAfter,
            ValidBefore = validBefore,
            Restrictions = restrictions,
        };
    }

    /// <summary>The fields of the key stand in the certificate as in its own blob, without the type before them.</summary>
    private static bool TryReadKey(string type, ref SshReader reader, out PublicKey? key, ref string? fault)
    {
        key = null;
        var start = reader.Rest;
        var fields = type switch
        {
            KeyAlgorithm.Ed25519 => 1,
            KeyAlgorithm.SkNistP256 => 3,
            _ => 2,
        };
        for (var i = 0; i < fields; i++)
        {
            if (!reader.TryReadString(out _))
                return false;
        }
        var blob = new SshWriter().String(type).Bytes(start[..^reader.Rest.Length]);
        if (PublicKey.TryParse(blob.Written, out key, out var why))
            return true;
        fault = $"the certificate's key: {why}";
        return false;
    }

    private static bool IsSigned(PublicKey authority, ReadOnlySpan<byte> signature, ReadOnlySpan<byte> signed)
    {
        // With which algorithm an RSA authority signs is its choice; ssh-rsa (SHA-1) is none of those that are known.
        var reader = new SshReader(signature);
        return reader.TryReadString(out var name) && KeyAlgorithm.Find(name) is { IsCertificate: false } algorithm &&
            authority.Verify(algorithm.SignatureName, signature, signed);
    }

    /// <summary>None at all would be valid for everybody.</summary>
    private static List<string>? ReadPrincipals(ReadOnlySpan<byte> packed, out string? fault)
    {
        fault = "the certificate names nobody, and so would count for all";
        var names = new List<string>();
        var reader = new SshReader(packed);
        while (!reader.IsAtEnd)
        {
            fault = "a name in the certificate is not one plain name";
            if (names.Count == MaxPrincipals || !reader.TryReadString(out var bytes) || !TryText(bytes, 1024, out var name) ||
                !Certificate.IsName(name))
                return null;
            names.Add(name);
        }
        return names.Count == 0 ? null : names;
    }

    internal static bool TryText(ReadOnlySpan<byte> bytes, int max, out string text)
    {
        text = "";
        if (bytes.Length > max)
            return false;
        try
        {
            text = StrictUtf8.GetString(bytes);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }

    private static Certificate? Fault(string text, out string? fault)
    {
        fault = text;
        return null;
    }
}
