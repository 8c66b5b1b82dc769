using System.Security.Cryptography;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Keys;

/// <summary>
/// RFC 4253 §6.6 with the signatures of RFC 8332. Sizes are bounded on both sides: a weak key proves little, and a huge one (or a huge
/// exponent) costs the verifier seconds.
/// </summary>
internal sealed class RsaPublicKey : PublicKey
{
    private const int MinBits = 2048;
    private const int MaxBits = 8192;
    private const int MaxExponentBytes = 4;
    private readonly RSAParameters _parameters;

    private RsaPublicKey(byte[] blob, RSAParameters parameters)
        : base(KeyAlgorithm.Rsa, blob) => _parameters = parameters;

    public static RsaPublicKey? Read(ReadOnlySpan<byte> blob, ref SshReader reader, ref string? fault)
    {
        if (!TryReadPositive(ref reader, out var exponent) || !TryReadPositive(ref reader, out var modulus) || !reader.IsAtEnd)
            return null;
        var bits = (8 * modulus.Length) - System.Numerics.BitOperations.LeadingZeroCount(modulus[0]) + 24;
        if (bits is < MinBits or > MaxBits)
            fault = $"the RSA key has {bits} bits; {MinBits} to {MaxBits} are taken";
        else if (exponent.Length > MaxExponentBytes || exponent is [1] || (exponent[^1] & 1) == 0 || (modulus[^1] & 1) == 0)
            fault = "the RSA key has an exponent or a modulus that no RSA key has";
        else
            return new RsaPublicKey(blob.ToArray(), new RSAParameters { Exponent = exponent.ToArray(), Modulus = modulus.ToArray() });
        return null;
    }

    private protected override bool VerifyCore(string signatureName, ReadOnlySpan<byte> signature, ReadOnlySpan<byte> rest,
        ReadOnlySpan<byte> data, bool needsUserVerification)
    {
        var size = _parameters.Modulus!.Length;
        if (needsUserVerification || !rest.IsEmpty || signature.Length > size)
            return false;
        // Some clients leave leading zeros out (RFC 8332 §3 has the length of the modulus).
        var padded = new byte[size];
        signature.CopyTo(padded.AsSpan(size - signature.Length));
        using var key = RSA.Create(_parameters);
        var hash = signatureName == KeyAlgorithm.RsaSha512 ? HashAlgorithmName.SHA512 : HashAlgorithmName.SHA256;
        return key.VerifyData(data, padded, hash, RSASignaturePadding.Pkcs1);
    }

    private static bool TryReadPositive(ref SshReader reader, out ReadOnlySpan<byte> value)
    {
        if (!reader.TryReadString(out value) || value.IsEmpty || value[0] >= 0x80)
            return false;
        value = value[0] == 0 ? value[1..] : value;
        return !value.IsEmpty && value[0] != 0;
    }
}
