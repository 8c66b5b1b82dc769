using System.Security.Cryptography;

namespace Sallyport.Recording.Segments;

/// <summary>
/// The gateway's signing key: ECDSA P-256, PKCS#8 PEM readable by its owner only, made on first use, with the public half beside it
/// (<c>.pub</c>, SubjectPublicKeyInfo PEM) to be copied to where verification happens.
/// </summary>
public sealed class GatewayKey : IDisposable
{
    private readonly ECDsa _key;

    private GatewayKey(ECDsa key)
    {
        _key = key;
        Id = SHA256.HashData(key.ExportSubjectPublicKeyInfo());
    }

    /// <summary>SHA-256 of the SubjectPublicKeyInfo; stands in every segment's header.</summary>
    public byte[] Id { get; }

    /// <summary>Opens the key file or makes it. Throws on an unreadable or foreign file: a gateway must not sign with a new key by accident.</summary>
    public static GatewayKey OpenOrCreate(string path)
    {
        var key = ECDsa.Create();
        try
        {
            if (File.Exists(path))
            {
                key.ImportFromPem(File.ReadAllText(path));
            }
            else
            {
                key.GenerateKey(ECCurve.NamedCurves.nistP256);
                using var file = PrivateFile.Create(path, FileMode.CreateNew);
                file.Write(System.Text.Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem() + "\n"));
                file.Flush(flushToDisk: true);
            }
            if (!File.Exists(PublicPath(path)))
                File.WriteAllText(PublicPath(path), key.ExportSubjectPublicKeyInfoPem() + "\n");
            return new GatewayKey(key);
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    /// <summary>A key to verify with, from PEM text; the private half is not needed.</summary>
    public static GatewayKey FromPem(string pem)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            return new GatewayKey(key);
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    public static string PublicPath(string path) => Path.ChangeExtension(path, ".pub");

    internal void Sign(ReadOnlySpan<byte> data, Span<byte> signature) => _key.SignData(data, signature, HashAlgorithmName.SHA256);

    internal bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) => _key.VerifyData(data, signature, HashAlgorithmName.SHA256);

    public void Dispose() => _key.Dispose();
}
