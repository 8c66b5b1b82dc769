using System.Security.Cryptography;
using Renci.SshNet;
using Renci.SshNet.Common;
using Renci.SshNet.Security;

namespace Sallyport.Ssh.Keys.Signing;

/// <summary>A private key cannot be read or is not taken; the message holds nothing of it.</summary>
public sealed class PrivateKeyException : Exception
{
    public PrivateKeyException(string message)
        : base(message)
    {
    }

    public PrivateKeyException(string message, Exception inner)
        : base(message, inner)
    {
    }
}

/// <summary>
/// A private key from the text of a file: OpenSSH, PEM, PKCS#8 or PuTTY's PPK, with or without a passphrase. SSH.NET reads it, and
/// holds strings on the way that cannot be wiped; what is kept is the key alone, until dispose.
/// </summary>
public sealed class PrivateKeySigner : ISigner, IDisposable
{
    private readonly PrivateKeyFile _file;
    private readonly Dictionary<string, HostAlgorithm> _algorithms;
    private readonly Lock _signing = new();

    private PrivateKeySigner(PrivateKeyFile file, ReadOnlyMemory<byte> publicKey, Dictionary<string, HostAlgorithm> algorithms)
    {
        _file = file;
        PublicKey = publicKey;
        _algorithms = algorithms;
        Algorithms = [.. KeyAlgorithm.SignatureNames.Where(algorithms.ContainsKey)];
    }

    public ReadOnlyMemory<byte> PublicKey { get; }

    public IReadOnlyList<string> Algorithms { get; }

    /// <param name="text">The file's bytes; the copy made here is wiped.</param>
    /// <param name="passphrase">Null for a key in clear.</param>
    /// <exception cref="PrivateKeyException">Not a key, a wrong passphrase, or a key that <see cref="Keys.PublicKey"/> refuses.</exception>
    public static PrivateKeySigner Load(ReadOnlySpan<byte> text, string? passphrase = null)
    {
        var copy = GC.AllocateUninitializedArray<byte>(text.Length, pinned: true);
        text.CopyTo(copy);
        try
        {
            using var stream = new MemoryStream(copy, writable: false);
            return Take(new PrivateKeyFile(stream, passphrase));
        }
        catch (SshPassPhraseNullOrEmptyException)
        {
            throw new PrivateKeyException("the private key has a passphrase, and none is configured");
        }
        catch (Exception e) when (e is not PrivateKeyException)
        {
            // The reader throws several kinds on text that is no key, and on a wrong passphrase; none of their texts is needed.
            throw new PrivateKeyException(passphrase is null
                ? "the text is not a private key in a format that is known (OpenSSH, PEM, PKCS#8, PPK)"
                : "the text is not a private key, or the passphrase is wrong", e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(copy);
        }
    }

    public byte[] Sign(string algorithm, ReadOnlySpan<byte> data)
    {
        if (!_algorithms.TryGetValue(algorithm, out var known))
            throw new ArgumentException("not an algorithm of this key", nameof(algorithm));
        // SSH.NET does not say that its signers may be shared.
        lock (_signing)
            return known.Sign(data.ToArray());
    }

    public void Dispose() => _file.Dispose();

    private static PrivateKeySigner Take(PrivateKeyFile file)
    {
        var algorithms = file.HostKeyAlgorithms.Where(static a => KeyAlgorithm.Find(a.Name) is { IsCertificate: false })
            .ToDictionary(static a => a.Name, StringComparer.Ordinal);
        var fault = "keys of this type are not taken";
        if (algorithms.Count > 0 && Keys.PublicKey.TryParse(algorithms.Values.First().Data, out var key, out fault))
            return new PrivateKeySigner(file, key.Blob, algorithms);
        file.Dispose();
        throw new PrivateKeyException(fault!);
    }
}
