using System.Collections.Frozen;
using Sallyport.Core;

namespace Sallyport.Admin;

/// <summary>
/// Who may do what over the admin API, apart from approving (that is the broker's business). Administrators are the members of the
/// configured groups. A proof that is scoped to some resources never makes an administrator: it was made to do less.
/// </summary>
internal sealed class AdminAccess
{
    private readonly FrozenSet<string> _groups;

    public AdminAccess(IEnumerable<string> groups) => _groups = groups.ToFrozenSet(StringComparer.Ordinal);

    public bool IsAdmin(Principal principal) => principal.Scope.Count == 0 && principal.Groups.Any(_groups.Contains);

    /// <summary>Listing, replaying and watching: administrators, and the two who stand behind the session.</summary>
    public bool MaySee(Principal principal, StoredSession session) =>
        IsAdmin(principal) ||
            (InScope(principal, session.Resource) && (Is(principal, session.Principal) || Is(principal, session.OnBehalfOf)));

    /// <summary>A hold: also those the rule names as approvers.</summary>
    public bool MaySee(Principal principal, Hold hold)
    {
        if (IsAdmin(principal))
            return true;
        if (!InScope(principal, hold.Resource))
            return false;
        return Is(principal, hold.Principal.Name) || Is(principal, hold.Principal.OnBehalfOf) ||
            hold.Terms.Approvers.Any(a => principal.Groups.Contains(a) || Is(principal, NameOf(a)));
    }

    public bool MaySee(Principal principal, StoredSecret secret) => IsAdmin(principal) || Is(principal, secret.Login);

    public static bool InScope(Principal principal, string resource) => principal.Scope.Count == 0 || principal.Scope.Contains(resource);

    private static bool Is(Principal principal, string? name) => string.Equals(principal.Name, name, StringComparison.OrdinalIgnoreCase);

    private static string? NameOf(string approver) =>
        approver.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon ? approver[(colon + 1)..] : null;
}
