using System.Text;
using Sallyport.Ssh.Keys;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Authentication;

/// <summary>A <c>publickey</c> request (RFC 4252 §7), sliced from the message.</summary>
internal readonly ref struct PublicKeyRequest
{
    private readonly ReadOnlySpan<byte> _algorithmName;

    private PublicKeyRequest(bool isSigned, ReadOnlySpan<byte> algorithmName, ReadOnlySpan<byte> blob, ReadOnlySpan<byte> signature)
    {
        IsSigned = isSigned;
        _algorithmName = algorithmName;
        Blob = blob;
        Signature = signature;
    }

    /// <summary>False: the client asks whether the key would do.</summary>
    public bool IsSigned { get; }

    public ReadOnlySpan<byte> Blob { get; }

    public ReadOnlySpan<byte> Signature { get; }

    /// <summary>Null when it is not supported, or when the blob is not of its type.</summary>
    public KeyAlgorithm? Algorithm
    {
        get
        {
            var reader = new SshReader(Blob);
            return KeyAlgorithm.Find(_algorithmName) is { } known && reader.TryReadString(out var type) &&
                Ascii.Equals(type, known.BlobType) ? known : null;
        }
    }

    public string Fingerprint => PublicKey.FingerprintOf(Blob);

    /// <param name="reader">Behind the method's name.</param>
    /// <param name="request">The request.</param>
    public static bool TryRead(SshReader reader, out PublicKeyRequest request)
    {
        request = default;
        ReadOnlySpan<byte> signature = default;
        if (!reader.TryReadBoolean(out var isSigned) || !reader.TryReadString(out var algorithm) || !reader.TryReadString(out var blob) ||
            (isSigned && !reader.TryReadString(out signature)) || !reader.IsAtEnd)
            return false;
        request = new PublicKeyRequest(isSigned, algorithm, blob, signature);
        return true;
    }

    /// <summary>SSH_MSG_USERAUTH_PK_OK.</summary>
    public SshWriter WriteOk(SshWriter writer) => writer.Begin(MessageNumber.UserAuthMethod).String(_algorithmName).String(Blob);

    /// <summary>What the signature covers: the session and the request itself, byte by byte as it was sent.</summary>
    public ReadOnlySpan<byte> WriteSigned(SshWriter writer, ReadOnlySpan<byte> sessionId, ReadOnlySpan<byte> user) =>
        writer.Clear().String(sessionId).Byte((byte)MessageNumber.UserAuthRequest).String(user).String("ssh-connection"u8)
            .String("publickey"u8).Boolean(true).String(_algorithmName).String(Blob).Written;
}
