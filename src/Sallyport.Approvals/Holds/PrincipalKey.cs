using Sallyport.Core;

namespace Sallyport.Approvals;

/// <summary>Who asked, and for whom, as a dictionary key. The same agent acting for another person is another principal.</summary>
internal readonly record struct PrincipalKey(string Name, string? OnBehalfOf)
{
    public static PrincipalKey Of(Principal principal) => new(principal.Name.ToLowerInvariant(), principal.OnBehalfOf?.ToLowerInvariant());
}
