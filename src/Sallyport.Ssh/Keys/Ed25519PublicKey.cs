using Org.BouncyCastle.Math.EC.Rfc8032;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Keys;

/// <summary>RFC 8709, with or without a security key. The BCL has no Ed25519.</summary>
internal sealed class Ed25519PublicKey : PublicKey
{
    private readonly byte[] _point;
    private readonly SecurityKey? _securityKey;

    private Ed25519PublicKey(string type, byte[] blob, byte[] point, SecurityKey? securityKey)
        : base(type, blob)
    {
        _point = point;
        _securityKey = securityKey;
    }

    public static Ed25519PublicKey? Read(string type, ReadOnlySpan<byte> blob, ref SshReader reader, ref string? fault)
    {
        if (!reader.TryReadString(out var point) || point.Length != Ed25519.PublicKeySize ||
            !SecurityKey.TryRead(type is KeyAlgorithm.SkEd25519, ref reader, out var securityKey) || !reader.IsAtEnd)
            return null;
        var bytes = point.ToArray();
        if (Ed25519.ValidatePublicKeyFull(bytes, 0))
            return new Ed25519PublicKey(type, blob.ToArray(), bytes, securityKey);
        fault = "the key is not a point of the curve, or one of a small order";
        return null;
    }

    private protected override bool VerifyCore(string signatureName, ReadOnlySpan<byte> signature, ReadOnlySpan<byte> rest,
        ReadOnlySpan<byte> data, bool needsUserVerification)
    {
        if (signature.Length != Ed25519.SignatureSize)
            return false;
        if (_securityKey is null && (needsUserVerification || !rest.IsEmpty))
            return false;
        if (_securityKey is null)
            return Ed25519.Verify(signature, _point, data);
        return _securityKey.SignedData(rest, data, needsUserVerification) is { } signed && Ed25519.Verify(signature, _point, signed);
    }
}
