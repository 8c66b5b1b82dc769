using System.Collections.Immutable;
using System.Globalization;
using Sallyport.Identity;
using Sallyport.Policy.Yaml;
using Sallyport.Ssh.Keys;

namespace Sallyport.Hosting.Configuration;

/// <summary>
/// Public keys in the configuration: <c>principals[].sshKeys</c> and <c>identity.sshAuthorities</c>. Each is read as SSH will read it, so
/// that one which could never prove anything is an error where it stands.
/// </summary>
internal static class SshKeySection
{
    public static ImmutableArray<ReadOnlyMemory<byte>> ReadKeys(YamlMap map, string key) =>
        [.. map.Items(key).Select(ReadKey).OfType<PublicKey>().Select(static k => k.Blob)];

    public static ImmutableArray<CertificateAuthorityOptions> ReadAuthorities(YamlMap? identity)
    {
        var authorities = ImmutableArray.CreateBuilder<CertificateAuthorityOptions>();
        foreach (var item in identity?.Items("sshAuthorities") ?? [])
        {
            if (item.AsMap() is not { } map || ReadAuthority(map) is not { } authority)
                continue;
            authorities.Add(authority);
            // Those before it were right: what is wrong now is this one.
            foreach (var error in new IdentityOptions { CertificateAuthorities = authorities.ToImmutable() }.Validate())
            {
                item.Problems.Error(item, error + ".");
                authorities.Remove(authority);
            }
        }
        return authorities.ToImmutable();
    }

    private static CertificateAuthorityOptions? ReadAuthority(YamlMap map)
    {
        var key = map.Require("key") is { } node ? ReadKey(node) : null;
        var authority = new CertificateAuthorityOptions
        {
            PublicKey = key?.Blob ?? default,
            Logins = map.Texts("logins"),
            Groups = map.Texts("groups"),
            Kind = map.Choice<PrincipalKind>("kind") ?? PrincipalKind.Person,
            Revoked = [.. map.Items("revoked").Select(ReadSerials).OfType<SerialRange>()],
        };
        map.RefuseOthers();
        return key is null ? null : authority;
    }

    private static PublicKey? ReadKey(YamlNode node)
    {
        if (node.AsText() is not { } text)
            return null;
        if (PublicKey.TryParseLine(text, out var key, out var fault))
            return key;
        node.Problems.Error(node, $"\"{Shorten(text)}\" is not a public key as in a .pub file: {fault}.");
        return null;
    }

    /// <summary><c>17</c> or <c>20-30</c>.</summary>
    private static SerialRange? ReadSerials(YamlNode node)
    {
        if (node.AsText() is not { } text)
            return null;
        var parts = text.Split('-');
        if (parts.Length <= 2 && TryNumber(parts[0], out var first) && TryNumber(parts[^1], out var last) && first <= last)
            return new SerialRange(first, last);
        node.Problems.Error(node, $"\"{Shorten(text)}\" is not a certificate's serial number or a range of them, as in 20-30.");
        return null;
    }

    private static bool TryNumber(string text, out ulong number) =>
        ulong.TryParse(text.AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out number);

    /// <summary>A private key that somebody put there by mistake is not repeated either.</summary>
    private static string Shorten(string text)
    {
        var first = text.AsSpan(0, Math.Min(text.Length, 24));
        var line = first.IndexOfAny('\r', '\n');
        return SafeText.Escape((line < 0 ? first : first[..line]).ToString()) + (text.Length > 24 || line >= 0 ? "…" : "");
    }
}
