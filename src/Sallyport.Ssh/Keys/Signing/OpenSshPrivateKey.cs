using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Keys.Signing;

/// <summary>Makes private keys in the text form of OpenSSH's PROTOCOL.key, without a passphrase: the file's mode protects them.</summary>
internal static class OpenSshPrivateKey
{
    private const int Block = 8;
    private const int LineLength = 70;

    public static string GenerateEd25519(string comment)
    {
        using var key = Ed25519Signer.Generate();
        var fields = new SshWriter().String(KeyAlgorithm.Ed25519).String(key.Point).UInt32(64).Bytes(key.Seed).Bytes(key.Point);
        return Encode(key.PublicKey.Span, fields.Written, comment);
    }

    public static string GenerateEcdsaP256(string comment)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var parameters = key.ExportParameters(includePrivateParameters: true);
        byte[] point = [4, .. parameters.Q.X!, .. parameters.Q.Y!];
        var blob = new SshWriter().String(KeyAlgorithm.NistP256).String("nistp256").String(point);
        var fields = new SshWriter().Bytes(blob.Written).MPInt(parameters.D);
        CryptographicOperations.ZeroMemory(parameters.D);
        return Encode(blob.Written, fields.Written, comment);
    }

    private static string Encode(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> fields, string comment)
    {
        var check = RandomNumberGenerator.GetBytes(4);
        var secret = new SshWriter(512).Bytes(check).Bytes(check).Bytes(fields).String(comment);
        for (byte i = 1; secret.Written.Length % Block != 0; i++)
            secret.Byte(i);
        var whole = new SshWriter(1024).Bytes("openssh-key-v1\0"u8).String("none").String("none").String([]).UInt32(1)
            .String(publicKey).String(secret.Written);
        var text = new StringBuilder("-----BEGIN OPENSSH PRIVATE KEY-----\n");
        foreach (var line in Convert.ToBase64String(whole.Written).Chunk(LineLength))
            text.Append(line).Append('\n');
        return text.Append("-----END OPENSSH PRIVATE KEY-----\n").ToString();
    }
}
