using System.Security.Cryptography;
using Org.BouncyCastle.Math.EC.Rfc8032;
using Sallyport.Ssh.Keys;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Tests.Transport.Support;

/// <summary>A fresh ssh-ed25519 key.</summary>
internal sealed class Ed25519Signer : ISigner
{
    private readonly byte[] _private = RandomNumberGenerator.GetBytes(Ed25519.SecretKeySize);

    public Ed25519Signer()
    {
        var key = new byte[Ed25519.PublicKeySize];
        Ed25519.GeneratePublicKey(_private, key);
        PublicKey = new SshWriter().String("ssh-ed25519").String(key).Written.ToArray();
    }

    public ReadOnlyMemory<byte> PublicKey { get; }

    public IReadOnlyList<string> Algorithms { get; } = ["ssh-ed25519"];

    public byte[] Sign(string algorithm, ReadOnlySpan<byte> data)
    {
        var signature = new byte[Ed25519.SignatureSize];
        Ed25519.Sign(_private, data, signature);
        return new SshWriter().String(algorithm).String(signature).Written.ToArray();
    }
}
