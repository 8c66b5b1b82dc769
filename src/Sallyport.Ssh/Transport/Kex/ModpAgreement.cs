using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Org.BouncyCastle.Crypto.Agreement;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Math;

namespace Sallyport.Ssh.Transport.Kex;

/// <summary>
/// diffie-hellman-group14-sha256 and -group16-sha512 (RFC 8268) for old servers. Its public values are <c>mpint</c>s, which look like
/// strings on the wire and in the hash.
/// </summary>
internal sealed class ModpAgreement : KeyAgreement
{
    private readonly DHParameters _group;
    private readonly BigInteger _private;

    private ModpAgreement(DHParameters group, int exponentLength, HashAlgorithmName hash)
    {
        _group = group;
        _private = new BigInteger(1, RandomNumberGenerator.GetBytes(exponentLength));
        Hash = hash;
    }

    public override HashAlgorithmName Hash { get; }

    // Twice the group's strength in bits, as RFC 4419 §6.2 has it.
    public static ModpAgreement Group14() => new(DHStandardGroups.rfc3526_2048, 32, HashAlgorithmName.SHA256);

    public static ModpAgreement Group16() => new(DHStandardGroups.rfc3526_4096, 48, HashAlgorithmName.SHA512);

    public override byte[] Open() => _group.G.ModPow(_private, _group.P).ToByteArray();

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
        if (server.IsEmpty || server.Length > _group.P.BitLength / 8 + 1)
            return false;
        var value = new BigInteger(server.ToArray());
        // 1 < value < p - 1 (RFC 8268 §4).
        if (value.CompareTo(BigInteger.One) <= 0 || value.CompareTo(_group.P.Subtract(BigInteger.One)) >= 0)
            return false;
        secret = Number(value.ModPow(_private, _group.P).ToByteArrayUnsigned());
        return true;
    }

    public override void Dispose()
    {
    }
}
