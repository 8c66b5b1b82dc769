using System.Security.Cryptography;
using Sallyport.Ssh.Keys;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Tests.Transport.Support;

/// <summary>A fresh ecdsa-sha2-nistp256 key.</summary>
internal sealed class EcdsaSigner : ISigner
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public EcdsaSigner()
    {
        var point = _key.ExportParameters(includePrivateParameters: false).Q;
        byte[] encoded = [4, .. point.X!, .. point.Y!];
        PublicKey = new SshWriter().String("ecdsa-sha2-nistp256").String("nistp256").String(encoded).Written.ToArray();
    }

    public ReadOnlyMemory<byte> PublicKey { get; }

    public IReadOnlyList<string> Algorithms { get; } = ["ecdsa-sha2-nistp256"];

    public byte[] Sign(string algorithm, ReadOnlySpan<byte> data)
    {
        var raw = _key.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        var numbers = new SshWriter().MPInt(raw.AsSpan(0, 32)).MPInt(raw.AsSpan(32)).Written.ToArray();
        return new SshWriter().String(algorithm).String(numbers).Written.ToArray();
    }
}
