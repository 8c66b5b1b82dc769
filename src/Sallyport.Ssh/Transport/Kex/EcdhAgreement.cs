using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Sallyport.Ssh.Transport.Kex;

/// <summary>ecdh-sha2-* (RFC 5656 §4) with uncompressed points.</summary>
internal sealed class EcdhAgreement(ECCurve curve, int fieldLength, HashAlgorithmName hash) : KeyAgreement
{
    private const byte Uncompressed = 4;

    private readonly ECDiffieHellman _own = ECDiffieHellman.Create(curve);

    public override HashAlgorithmName Hash => hash;

    public override byte[] Open()
    {
        var point = _own.ExportParameters(includePrivateParameters: false).Q;
        return [Uncompressed, .. point.X!, .. point.Y!];
    }

    public override bool TryAnswer(
        ReadOnlySpan<byte> client, [NotNullWhen(true)] out byte[]? server, [NotNullWhen(true)] out byte[]? secret)
    {
        server = null;
        if (!TryFinish(client, out secret))
            return false;
        server = Open();
        return true;
    }

    public override bool TryFinish(ReadOnlySpan<byte> server, [NotNullWhen(true)] out byte[]? secret)
    {
        secret = null;
        if (server.Length != 1 + 2 * fieldLength || server[0] != Uncompressed)
            return false;
        try
        {
            // The import refuses a point that is not on the curve; both curves have the cofactor 1, so no other check is due.
            using var peer = ECDiffieHellman.Create(new ECParameters
            {
                Curve = curve,
                Q = new ECPoint { X = server[1..(1 + fieldLength)].ToArray(), Y = server[(1 + fieldLength)..].ToArray() },
            });
            using var key = peer.PublicKey;
            var shared = _own.DeriveRawSecretAgreement(key);
            secret = Number(shared);
            CryptographicOperations.ZeroMemory(shared);
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    public override void Dispose() => _own.Dispose();
}
