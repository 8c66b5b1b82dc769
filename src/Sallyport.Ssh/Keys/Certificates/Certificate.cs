using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Sallyport.Ssh.Keys.Certificates;

/// <summary>What a certificate is for; the numbers are the wire's.</summary>
public enum CertificateKind : byte
{
    User = 1,
    Host = 2,
}

/// <summary>
/// An OpenSSH certificate (OpenSSH's PROTOCOL.certkeys). One that could be read is well formed, signed by its
/// <see cref="Authority"/>, and has no critical option that is not understood; whether that authority is trusted, and for whom, the
/// caller says, and <see cref="FindFault"/> whether it counts now. Immutable.
/// </summary>
public sealed class Certificate
{
    /// <summary>The longest that is looked at: two RSA keys of 8,192 bits, a signature, and room for principals.</summary>
    public const int MaxBlob = 32 * 1024;

    /// <summary>A comma or a wildcard would be a list or a pattern to some reader of the certificate (CVE-2026-35414).</summary>
    private static readonly SearchValues<char> NotInNames = SearchValues.Create(",*?!\"\\");

    internal Certificate()
    {
    }

    public required ReadOnlyMemory<byte> Blob { get; init; }

    /// <summary>The first string of the blob: <c>ssh-ed25519-cert-v01@openssh.com</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The key that it certifies.</summary>
    public required PublicKey Key { get; init; }

    /// <summary>The key that signed it.</summary>
    public required PublicKey Authority { get; init; }

    public required CertificateKind Kind { get; init; }

    public required ulong Serial { get; init; }

    /// <summary>What the authority calls it; free of control characters.</summary>
    public required string KeyId { get; init; }

    /// <summary>Logins of a user, names of a host; never empty, literal, free of commas, wildcards and spaces.</summary>
    public required IReadOnlyList<string> Principals { get; init; }

    /// <summary>Seconds since 1970.</summary>
    public required ulong ValidAfter { get; init; }

    /// <summary>Seconds since 1970; the largest number is for ever.</summary>
    public required ulong ValidBefore { get; init; }

    public required CertificateRestrictions Restrictions { get; init; }

    /// <summary>When it ends; null for one that never does.</summary>
    public DateTimeOffset? ExpiresAt =>
        ValidBefore > (ulong)DateTimeOffset.MaxValue.ToUnixTimeSeconds() ? null : DateTimeOffset.FromUnixTimeSeconds((long)ValidBefore);

    /// <param name="blob">Copied.</param>
    /// <param name="certificate">Null when false.</param>
    /// <param name="fault">Why not, for the record.</param>
    public static bool TryParse(ReadOnlySpan<byte> blob, [NotNullWhen(true)] out Certificate? certificate,
        [NotNullWhen(false)] out string? fault)
    {
        certificate = CertificateReader.Read(blob, out fault);
        fault = certificate is null ? fault ?? "the certificate is cut short or malformed" : null;
        return certificate is not null;
    }

    /// <summary>Why it does not count for that name at that moment; null when it does.</summary>
    /// <param name="kind">What it must be for.</param>
    /// <param name="name">The login or the host's name; compared without case, as both are everywhere.</param>
    /// <param name="now">The moment.</param>
    public string? FindFault(CertificateKind kind, string name, DateTimeOffset now)
    {
        var seconds = (ulong)Math.Max(0, now.ToUnixTimeSeconds());
        if (Kind != kind)
            return $"the certificate is for a {Word(Kind)}, not for a {Word(kind)}";
        if (seconds < ValidAfter)
            return "the certificate is not valid yet";
        if (seconds >= ValidBefore)
            return "the certificate has expired";
        return Principals.Contains(name, StringComparer.OrdinalIgnoreCase) ? null : "the certificate is for other names";
    }

    internal static bool IsName(string name) =>
        name.Length is > 0 and <= 256 && !name.AsSpan().ContainsAny(NotInNames) &&
        !name.Any(static c => char.IsControl(c) || char.IsWhiteSpace(c) || char.IsSurrogate(c));

    private static string Word(CertificateKind kind) => kind == CertificateKind.User ? "user" : "host";
}
