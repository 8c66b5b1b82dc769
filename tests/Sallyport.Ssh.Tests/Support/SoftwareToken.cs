using System.Security.Cryptography;
using Org.BouncyCastle.Math.EC.Rfc8032;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Tests.Support;

/// <summary>A security key without hardware (OpenSSH's PROTOCOL.u2f), which signs with whatever flags it is told to.</summary>
internal sealed class SoftwareToken : IDisposable
{
    private readonly string _application;
    private readonly byte[] _seed = RandomNumberGenerator.GetBytes(Ed25519.SecretKeySize);
    private readonly ECDsa? _ecdsa;

    public SoftwareToken(bool isEcdsa, string application = "ssh:")
    {
        _application = application;
        _ecdsa = isEcdsa ? ECDsa.Create(ECCurve.NamedCurves.nistP256) : null;
    }

    public string Type => _ecdsa is null ? "sk-ssh-ed25519@openssh.com" : "sk-ecdsa-sha2-nistp256@openssh.com";

    public byte[] Blob
    {
        get
        {
            var writer = new SshWriter().String(Type);
            if (_ecdsa?.ExportParameters(false) is { } parameters)
                writer.String("nistp256").String([4, .. parameters.Q.X!, .. parameters.Q.Y!]);
            else
                writer.String(Point());
            return writer.String(_application).WrittenMemory.ToArray();
        }
    }

    public byte[] Sign(byte[] data, byte flags)
    {
        byte[] signed = [.. SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(_application)), flags, 0, 0, 0, 7, .. SHA256.HashData(data)];
        return new SshWriter().String(Type).String(SignRaw(signed)).Byte(flags).UInt32(7).WrittenMemory.ToArray();
    }

    public void Dispose() => _ecdsa?.Dispose();

    private byte[] SignRaw(byte[] signed)
    {
        if (_ecdsa is not null)
        {
            var fixedSize = _ecdsa.SignData(signed, HashAlgorithmName.SHA256);
            return new SshWriter().MPInt(fixedSize.AsSpan(0, 32)).MPInt(fixedSize.AsSpan(32)).WrittenMemory.ToArray();
        }
        var signature = new byte[Ed25519.SignatureSize];
        Ed25519.Sign(_seed, 0, signed, 0, signed.Length, signature, 0);
        return signature;
    }

    private byte[] Point()
    {
        var point = new byte[Ed25519.PublicKeySize];
        Ed25519.GeneratePublicKey(_seed, 0, point, 0);
        return point;
    }
}
