using System.Collections.Immutable;
using Sallyport.Core;
using Sallyport.Identity;
using Sallyport.Policy.Yaml;

namespace Sallyport.Hosting.Configuration;

/// <summary><c>identity:</c>. What the identity part itself finds wrong is reported where the item stands.</summary>
internal sealed class IdentitySection
{
    private readonly BasePath _paths;

    public IdentitySection(BasePath paths) => _paths = paths;

    public IdentityOptions Read(YamlMap? identity) =>
        new() { Principals = ReadPrincipals(identity), CertificateAuthorities = SshKeySection.ReadAuthorities(identity) };

    private List<PrincipalOptions> ReadPrincipals(YamlMap? identity)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var principals = new List<PrincipalOptions>();
        foreach (var item in identity?.Items("principals") ?? [])
        {
            if (item.AsMap() is not { } map || ReadPrincipal(map) is not { } principal)
                continue;
            if (!names.Add(principal.Name))
                item.Problems.Error(item, $"a principal named \"{principal.Name}\" is there already (names are compared without case).");
            foreach (var error in new IdentityOptions { Principals = [principal] }.Validate())
                item.Problems.Error(item, error + ".");
            foreach (var other in principals.Where(p => SharesKey(p, principal)))
                item.Problems.Error(item, $"a public key of \"{principal.Name}\" is \"{other.Name}\"'s already.");
            principals.Add(principal);
        }
        return principals;
    }

    public static ImmutableArray<OidcIssuerOptions> ReadIssuers(YamlMap? identity)
    {
        var issuers = ImmutableArray.CreateBuilder<OidcIssuerOptions>();
        foreach (var item in identity?.Items("oidc") ?? [])
        {
            if (item.AsMap() is not { } map || ReadIssuer(map) is not { } issuer)
                continue;
            foreach (var error in issuer.Validate())
                item.Problems.Error(item, error + ".");
            issuers.Add(issuer);
        }
        return issuers.ToImmutable();
    }

    private static bool SharesKey(PrincipalOptions one, PrincipalOptions other) =>
        one.PublicKeys.Any(key => other.PublicKeys.Any(k => k.Span.SequenceEqual(key.Span)));

    private PrincipalOptions? ReadPrincipal(YamlMap map)
    {
        var name = map.RequireText("name");
        var principal = new PrincipalOptions
        {
            Name = name ?? "",
            Kind = map.Choice<PrincipalKind>("kind") ?? PrincipalKind.Person,
            Groups = map.Texts("groups"),
            OnBehalfOf = map.Text("onBehalfOf"),
            PublicKeys = SshKeySection.ReadKeys(map, "sshKeys"),
            Secret = _paths.Secret(map, "secret"),
        };
        map.RefuseOthers();
        return name is null ? null : principal;
    }

    private static OidcIssuerOptions? ReadIssuer(YamlMap map)
    {
        var (issuer, audience) = (map.RequireText("issuer"), map.RequireText("audience"));
        var defaults = new OidcIssuerOptions { Issuer = issuer ?? "", Audience = audience ?? "" };
        var (types, algorithms) = (map.Texts("types"), map.Texts("algorithms"));
        var options = defaults with
        {
            NameClaim = map.Text("name") ?? defaults.NameClaim,
            Logins = map.Texts("logins"),
            GroupsClaim = map.Text("groups") ?? defaults.GroupsClaim,
            KindClaim = map.Text("kind"),
            ValidTypes = types.IsEmpty ? defaults.ValidTypes : types,
            Algorithms = algorithms.IsEmpty ? defaults.Algorithms : algorithms,
            AllowHttpOnLoopback = map.Flag("allowHttpOnLoopback") ?? false,
        };
        map.RefuseOthers();
        return issuer is null || audience is null ? null : options;
    }
}
