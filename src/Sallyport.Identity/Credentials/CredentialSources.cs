using System.Diagnostics.CodeAnalysis;
using Sallyport.Core;

namespace Sallyport.Identity;

/// <summary>Reads the configuration's words for where a secret is: <c>env:NAME</c> or <c>file:PATH</c>.</summary>
public static class CredentialSources
{
    /// <summary>The most bytes a secret may have.</summary>
    public const int MaxLength = 64 * 1024;

    /// <summary>False and what is wrong when the text names no source. The error never repeats the text, which may be a secret.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out ICredentialSource? source, [NotNullWhen(false)] out string? error)
    {
        source = null;
        error = null;
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var (scheme, rest) = colon < 0 ? ("", "") : (text[..colon], text[(colon + 1)..]);
        switch (scheme)
        {
            case "env" when rest.Length > 0 && !rest.AsSpan().ContainsAny('=', '\0'):
                source = new EnvironmentCredential(rest);
                return true;
            case "file" when rest.Length > 0 && !rest.Contains('\0', StringComparison.Ordinal):
                source = new FileCredential(rest);
                return true;
            case "env":
                error = "env: needs the name of an environment variable, as in env:SHOP_PASSWORD";
                return false;
            case "file":
                error = "file: needs a path, as in file:/run/secrets/shop";
                return false;
            case "vault" or "k8s":
                error = $"{scheme}: is not supported yet; use env:NAME or file:PATH";
                return false;
            default:
                error = "a secret is never written in the configuration itself; say where it is: env:NAME or file:PATH";
                return false;
        }
    }

    /// <summary>The bytes without the newline that editors and <c>echo</c> leave at the end.</summary>
    internal static ReadOnlySpan<byte> TrimNewline(ReadOnlySpan<byte> bytes)
    {
        if (bytes.EndsWith("\n"u8))
            bytes = bytes[..^1];
        return bytes.EndsWith("\r"u8) ? bytes[..^1] : bytes;
    }
}
