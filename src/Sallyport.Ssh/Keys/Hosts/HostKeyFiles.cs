using Sallyport.Shared;
using Sallyport.Ssh.Keys.Certificates;
using Sallyport.Ssh.Keys.Signing;

namespace Sallyport.Ssh.Keys.Hosts;

/// <summary>
/// The gateway's own host keys, made at the first start: <c>ssh_host_ed25519_key</c> and, for clients without Ed25519 (JSch, libssh2),
/// <c>ssh_host_ecdsa_key</c>, each 0600 with its <c>.pub</c> beside it.
/// </summary>
public static class HostKeyFiles
{
    /// <summary>Loads the keys under the folder, after making those that are not there.</summary>
    /// <exception cref="IOException">The folder cannot be used.</exception>
    /// <exception cref="PrivateKeyException">A file that is there is no key: it is not replaced, since clients know it by heart.</exception>
    public static IReadOnlyList<PrivateKeySigner> LoadOrCreate(string folder, string comment)
    {
        PrivateFiles.MakeFolder(folder);
        return
        [
            LoadOrCreate(Path.Combine(folder, "ssh_host_ed25519_key"), OpenSshPrivateKey.GenerateEd25519, comment),
            LoadOrCreate(Path.Combine(folder, "ssh_host_ecdsa_key"), OpenSshPrivateKey.GenerateEcdsaP256, comment),
        ];
    }

    /// <summary>A host key of the operator's own.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="PrivateKeyException">It is no key.</exception>
    public static PrivateKeySigner Load(string path)
    {
        try
        {
            return PrivateKeySigner.Load(File.ReadAllBytes(path));
        }
        catch (PrivateKeyException e)
        {
            throw new PrivateKeyException($"{path}: {e.Message}", e);
        }
    }

    /// <summary>A host certificate (<c>…-cert.pub</c>) with the one of the keys that it is for.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="PrivateKeyException">It is no host certificate, or for another key.</exception>
    public static ISigner Certify(string path, IEnumerable<ISigner> keys)
    {
        var words = File.ReadAllText(path).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var blob = new byte[words.Length < 2 ? 0 : words[1].Length];
        if (words.Length < 2 || !Convert.TryFromBase64String(words[1].Trim(), blob, out var length) ||
            !Certificate.TryParse(blob.AsSpan(0, length), out var certificate, out _) || certificate.Kind != CertificateKind.Host)
            throw new PrivateKeyException($"{path} is no host certificate");
        var key = keys.FirstOrDefault(k => k.PublicKey.Span.SequenceEqual(certificate.Key.Blob.Span)) ??
            throw new PrivateKeyException($"{path} certifies none of the host keys");
        return new CertifiedSigner(key, certificate);
    }

    /// <summary>The key that certifies users' keys for targets, made as the host keys are: <c>user_ca_key</c>.</summary>
    /// <exception cref="IOException">The folder cannot be used.</exception>
    /// <exception cref="PrivateKeyException">The file that is there is no key.</exception>
    public static PrivateKeySigner LoadOrCreateAuthority(string folder, string comment)
    {
        PrivateFiles.MakeFolder(folder);
        return LoadOrCreate(Path.Combine(folder, "user_ca_key"), OpenSshPrivateKey.GenerateEd25519, comment);
    }

    private static PrivateKeySigner LoadOrCreate(string path, Func<string, string> generate, string comment)
    {
        if (!File.Exists(path))
            PrivateFiles.Write(path, generate(comment));
        PrivateKeySigner signer;
        try
        {
            signer = PrivateKeySigner.Load(File.ReadAllBytes(path));
        }
        catch (PrivateKeyException e)
        {
            throw new PrivateKeyException($"{path}: {e.Message}", e);
        }
        if (!File.Exists(path + ".pub"))
            PrivateFiles.WritePublic(path + ".pub", Line(signer.PublicKey.Span, comment));
        return signer;
    }

    private static string Line(ReadOnlySpan<byte> blob, string comment) =>
        PublicKey.TryParse(blob, out var key, out var fault)
            ? $"{key.Type} {Convert.ToBase64String(blob)} {comment}\n"
            : throw new PrivateKeyException(fault);
}
