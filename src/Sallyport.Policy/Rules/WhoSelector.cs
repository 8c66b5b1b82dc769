using Sallyport.Core;

namespace Sallyport.Policy.Rules;

internal enum WhoKind : byte
{
    Everyone,
    Group,
    User,
    Agent,
    Service,
    OnBehalfOf,
}

/// <summary>
/// Whom a rule is about: a group, <c>user:ana</c> (a person), <c>agent:bot-7</c>, <c>service:etl</c>, <c>onBehalfOf:ana</c>,
/// <c>everyone</c>. Groups compare exactly; names without case, as logins are typed.
/// </summary>
internal sealed record WhoSelector(WhoKind Kind, string Name)
{
    public bool Matches(Principal principal) => Kind switch
    {
        WhoKind.Everyone => true,
        WhoKind.Group => principal.Groups.Contains(Name),
        WhoKind.User => principal.Kind == PrincipalKind.Person && IsName(principal.Name),
        WhoKind.Agent => principal.Kind == PrincipalKind.Agent && IsName(principal.Name),
        WhoKind.Service => principal.Kind == PrincipalKind.Service && IsName(principal.Name),
        _ => principal.OnBehalfOf is { } owner && IsName(owner),
    };

    private bool IsName(string name) => string.Equals(Name, name, StringComparison.OrdinalIgnoreCase);
}
