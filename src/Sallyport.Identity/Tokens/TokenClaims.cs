using System.Collections.Frozen;
using System.Text.Json;
using Sallyport.Core;

namespace Sallyport.Identity;

/// <summary>A validated token's payload → <see cref="Principal"/>. What is missing or does not fit is a refusal, never a default.</summary>
internal static class TokenClaims
{
    public static ProofResult ToPrincipal(OidcIssuerOptions options, JsonElement claims, string login, string proof,
        DateTimeOffset expiresAt)
    {
        if (!TryText(claims, options.NameClaim, out var name) || !LoginName.IsValid(name))
            return ProofResult.Refuse($"the token has no usable \"{options.NameClaim}\" claim");
        if (!string.Equals(name, login, StringComparison.OrdinalIgnoreCase))
            return ProofResult.Refuse("the token is for another name than the login");
        if (!options.MayName(login))
            return ProofResult.Refuse("the token's issuer may not name this login");
        // Anyone may register an address he does not own at some issuers.
        if (options.NameClaim == "email" && !IsTrue(claims, "email_verified"))
            return ProofResult.Refuse("the token's email is not verified");
        // Entra leaves the groups out when there are many; read as "no groups" a rule that denies a group would not match.
        if (claims.TryGetProperty("_claim_names", out _) || claims.TryGetProperty("hasgroups", out _))
            return ProofResult.Refuse("the token has too many groups to carry (groups overage); let the issuer send assigned groups only");
        if (!TryGroups(claims, options.GroupsClaim, out var groups))
            return ProofResult.Refuse($"the \"{options.GroupsClaim}\" claim is not a list of texts");
        if (!TryActor(claims, out var actor))
            return ProofResult.Refuse("the token's \"act\" claim has no usable \"sub\"");
        if (!TryKind(options, claims, actor, out var kind))
            return ProofResult.Refuse($"the token has no usable \"{options.KindClaim}\" claim");
        return ProofResult.Accept(new Principal
        {
            Name = actor ?? name,
            OnBehalfOf = actor is null ? null : name,
            Kind = kind,
            Groups = groups,
            Proof = proof,
            ExpiresAt = expiresAt,
        });
    }

    /// <summary>RFC 8693 §4.1: the outermost actor is the one that acts; those inside it are history.</summary>
    private static bool TryActor(JsonElement claims, out string? actor)
    {
        actor = null;
        if (!claims.TryGetProperty("act", out var act))
            return true;
        actor = act.ValueKind == JsonValueKind.Object && act.TryGetProperty("sub", out var sub) && sub.ValueKind == JsonValueKind.String
            ? sub.GetString() : null;
        return actor is not null && LoginName.IsValid(actor);
    }

    private static bool TryKind(OidcIssuerOptions options, JsonElement claims, string? actor, out PrincipalKind kind)
    {
        // A client-credentials token has nobody behind it: the client is its own subject (RFC 9068 §2.2).
        var isClient = TryText(claims, "client_id", out var client) && TryText(claims, "sub", out var subject) && client == subject;
        kind = actor is not null || isClient ? PrincipalKind.Agent : PrincipalKind.Person;
        if (options.KindClaim is not { } claim)
            return true;
        PrincipalKind? said = TryText(claims, claim, out var text) ? text switch
        {
            "person" => PrincipalKind.Person,
            "agent" => PrincipalKind.Agent,
            "service" => PrincipalKind.Service,
            _ => null,
        } : null;
        kind = said ?? kind;
        return said is not null;
    }

    /// <summary>A list of texts or a single one; none at all is an empty list.</summary>
    private static bool TryGroups(JsonElement claims, string claim, out FrozenSet<string> groups)
    {
        groups = FrozenSet<string>.Empty;
        if (!claims.TryGetProperty(claim, out var value))
            return true;
        if (value.ValueKind == JsonValueKind.String)
        {
            groups = FrozenSet.Create(StringComparer.Ordinal, value.GetString()!);
            return true;
        }
        if (value.ValueKind != JsonValueKind.Array || value.EnumerateArray().Any(static e => e.ValueKind != JsonValueKind.String))
            return false;
        groups = value.EnumerateArray().Select(static e => e.GetString()!).ToFrozenSet(StringComparer.Ordinal);
        return true;
    }

    private static bool IsTrue(JsonElement claims, string claim) =>
        claims.TryGetProperty(claim, out var value) && value.ValueKind == JsonValueKind.True;

    private static bool TryText(JsonElement claims, string claim, out string text)
    {
        var found = claims.TryGetProperty(claim, out var value) && value.ValueKind == JsonValueKind.String;
        text = found ? value.GetString()! : "";
        return found;
    }
}
