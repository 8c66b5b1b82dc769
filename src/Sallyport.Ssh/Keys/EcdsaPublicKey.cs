using System.Security.Cryptography;
using System.Text;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Keys;

/// <summary>RFC 5656 §3.1 on the NIST curves, with or without a security key.</summary>
internal sealed class EcdsaPublicKey : PublicKey
{
    private readonly ECParameters _parameters;
    private readonly HashAlgorithmName _hash;
    private readonly SecurityKey? _securityKey;

    private EcdsaPublicKey(string type, byte[] blob, ECParameters parameters, HashAlgorithmName hash, SecurityKey? securityKey)
        : base(type, blob)
    {
        _parameters = parameters;
        _hash = hash;
        _securityKey = securityKey;
    }

    private int FieldSize => _parameters.Q.X!.Length;

    public static EcdsaPublicKey? Read(string type, ReadOnlySpan<byte> blob, ref SshReader reader, ref string? fault)
    {
        var isSecurityKey = type is KeyAlgorithm.SkNistP256;
        var (curveName, curve, size, hash) = CurveOf(type);
        if (!reader.TryReadString(out var identifier) || !Ascii.Equals(identifier, curveName) ||
            !reader.TryReadString(out var point) || point.Length != 1 + (2 * size) || point[0] != 4 ||
            !SecurityKey.TryRead(isSecurityKey, ref reader, out var securityKey) || !reader.IsAtEnd)
            return null;
        var parameters = new ECParameters
        {
            Curve = curve,
            Q = new ECPoint { X = point.Slice(1, size).ToArray(), Y = point[(1 + size)..].ToArray() },
        };
        try
        {
            // The import refuses what is not on the curve.
            ECDsa.Create(parameters).Dispose();
            return new EcdsaPublicKey(type, blob.ToArray(), parameters, hash, securityKey);
        }
        catch (CryptographicException)
        {
            fault = "the key is not a point of the curve";
            return null;
        }
    }

    internal static (string Name, ECCurve Curve, int FieldSize, HashAlgorithmName Hash) CurveOf(string type) => type switch
    {
        KeyAlgorithm.NistP384 => ("nistp384", ECCurve.NamedCurves.nistP384, 48, HashAlgorithmName.SHA384),
        KeyAlgorithm.NistP521 => ("nistp521", ECCurve.NamedCurves.nistP521, 66, HashAlgorithmName.SHA512),
        _ => ("nistp256", ECCurve.NamedCurves.nistP256, 32, HashAlgorithmName.SHA256),
    };

    private protected override bool VerifyCore(string signatureName, ReadOnlySpan<byte> signature, ReadOnlySpan<byte> rest,
        ReadOnlySpan<byte> data, bool needsUserVerification)
    {
        if (_securityKey is null && (needsUserVerification || !rest.IsEmpty))
            return false;
        var numbers = new SshReader(signature);
        var fixedSize = new byte[2 * FieldSize];
        if (!TryReadNumber(ref numbers, fixedSize.AsSpan(0, FieldSize)) || !TryReadNumber(ref numbers, fixedSize.AsSpan(FieldSize)) ||
            !numbers.IsAtEnd)
            return false;
        using var key = ECDsa.Create(_parameters);
        if (_securityKey is null)
            return key.VerifyData(data, fixedSize, _hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return _securityKey.SignedData(rest, data, needsUserVerification) is { } signed &&
            key.VerifyData(signed, fixedSize, _hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    /// <summary>An mpint that is not negative, right-aligned into the field.</summary>
    private static bool TryReadNumber(ref SshReader reader, Span<byte> field)
    {
        if (!reader.TryReadString(out var number) || number.IsEmpty || number[0] >= 0x80)
            return false;
        number = number[0] == 0 ? number[1..] : number;
        if (number.Length > field.Length)
            return false;
        number.CopyTo(field[^number.Length..]);
        return true;
    }
}
