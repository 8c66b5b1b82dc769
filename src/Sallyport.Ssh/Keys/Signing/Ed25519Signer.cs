using System.Security.Cryptography;
using Org.BouncyCastle.Math.EC.Rfc8032;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Keys.Signing;

/// <summary>An Ed25519 key in memory, wiped on dispose.</summary>
internal sealed class Ed25519Signer : ISigner, IDisposable
{
    private readonly byte[] _seed;
    private readonly byte[] _point;

    /// <param name="seed">32 bytes; kept, and wiped on dispose.</param>
    private Ed25519Signer(byte[] seed)
    {
        _seed = seed;
        _point = new byte[Ed25519.PublicKeySize];
        Ed25519.GeneratePublicKey(seed, 0, _point, 0);
        PublicKey = new SshWriter().String(KeyAlgorithm.Ed25519).String(_point).WrittenMemory.ToArray();
    }

    public ReadOnlyMemory<byte> PublicKey { get; }

    public IReadOnlyList<string> Algorithms { get; } = [KeyAlgorithm.Ed25519];

    internal ReadOnlySpan<byte> Seed => _seed;

    internal ReadOnlySpan<byte> Point => _point;

    public static Ed25519Signer Generate()
    {
        // Pinned: the collector must not leave copies behind when it moves the array.
        var seed = GC.AllocateArray<byte>(Ed25519.SecretKeySize, pinned: true);
        RandomNumberGenerator.Fill(seed);
        return new Ed25519Signer(seed);
    }

    public byte[] Sign(string algorithm, ReadOnlySpan<byte> data)
    {
        if (algorithm != KeyAlgorithm.Ed25519)
            throw new ArgumentException("not an algorithm of this key", nameof(algorithm));
        var signature = new byte[Ed25519.SignatureSize];
        Ed25519.Sign(_seed, 0, _point, 0, data.ToArray(), 0, data.Length, signature, 0);
        return new SshWriter().String(KeyAlgorithm.Ed25519).String(signature).WrittenMemory.ToArray();
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(_seed);
}
