using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Org.BouncyCastle.Math.EC.Rfc7748;

namespace Sallyport.Ssh.Transport.Kex;

/// <summary>curve25519-sha256 (RFC 8731).</summary>
internal sealed class X25519Agreement : KeyAgreement
{
    public const int PointLength = X25519.PointSize;

    private readonly byte[] _private = RandomNumberGenerator.GetBytes(X25519.ScalarSize);

    public override HashAlgorithmName Hash => HashAlgorithmName.SHA256;

    public override byte[] Open()
    {
        var point = new byte[PointLength];
        X25519.GeneratePublicKey(_private, point);
        return point;
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
        Span<byte> shared = stackalloc byte[PointLength];
        secret = TryAgree(server, shared) ? Number(shared) : null;
        return secret is not null;
    }

    /// <summary>False: not a point's length, or the all-zero secret of a point of small order (RFC 8731 §3).</summary>
    public bool TryAgree(ReadOnlySpan<byte> point, Span<byte> shared) =>
        point.Length == PointLength && X25519.CalculateAgreement(_private, point, shared);

    public override void Dispose() => CryptographicOperations.ZeroMemory(_private);
}
