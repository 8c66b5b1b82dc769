using System.Security.Cryptography;
using Org.BouncyCastle.Math.EC.Rfc8032;
using Sallyport.Ssh.Keys;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Tests.Transport.Support;

/// <summary>Trusts the keys it is given, or any when it is given none; always checks the signature.</summary>
internal sealed class KeyPin(params byte[][] keys) : IHostKeyVerifier
{
    public IReadOnlyList<string> Algorithms { get; init; } = ["ssh-ed25519", "ecdsa-sha2-nistp256"];

    public string? FindFault(string algorithm, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> signature, ReadOnlySpan<byte> signedData) =>
        Verify(algorithm, publicKey, signature, signedData) ? null : "not the pinned key";

    private bool Verify(string algorithm, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> signature, ReadOnlySpan<byte> signedData)
    {
        var key = new SshReader(publicKey);
        var sig = new SshReader(signature);
        if (!IsPinned(publicKey) || !IsNamed(ref key, algorithm) || !IsNamed(ref sig, algorithm) || !sig.TryReadString(out var raw))
            return false;
        if (algorithm == "ssh-ed25519")
        {
            return key.TryReadString(out var point) && point.Length == Ed25519.PublicKeySize && raw.Length == Ed25519.SignatureSize
                && Ed25519.Verify(raw, point, signedData);
        }
        return key.TryReadString(out _) && key.TryReadString(out var q) && IsEcdsa(q, raw, signedData);
    }

    private bool IsPinned(ReadOnlySpan<byte> key)
    {
        foreach (var pinned in keys)
        {
            if (key.SequenceEqual(pinned))
                return true;
        }
        return keys.Length == 0;
    }

    private static bool IsNamed(ref SshReader reader, string name) =>
        reader.TryReadString(out var found) && found.SequenceEqual(System.Text.Encoding.ASCII.GetBytes(name));

    private static bool IsEcdsa(ReadOnlySpan<byte> point, ReadOnlySpan<byte> numbers, ReadOnlySpan<byte> data)
    {
        using var key = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint { X = point[1..33].ToArray(), Y = point[33..].ToArray() },
        });
        var reader = new SshReader(numbers);
        if (!reader.TryReadString(out var r) || !reader.TryReadString(out var s))
            return false;
        var raw = new byte[64];
        Fixed(r).CopyTo(raw, 0);
        Fixed(s).CopyTo(raw, 32);
        return key.VerifyData(data, raw, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    private static byte[] Fixed(ReadOnlySpan<byte> number)
    {
        number = number.TrimStart((byte)0);
        var made = new byte[32];
        number.CopyTo(made.AsSpan(32 - number.Length));
        return made;
    }
}
