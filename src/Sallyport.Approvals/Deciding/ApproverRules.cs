using Sallyport.Core;

namespace Sallyport.Approvals;

/// <summary>Who may decide about a hold. Names compare without case, as logins are typed.</summary>
internal static class ApproverRules
{
    private const string UserPrefix = "user:";
    private const string AgentPrefix = "agent:";

    /// <summary><see cref="DecideOutcome.Done"/> when the approver may decide.</summary>
    public static DecideOutcome Check(Hold hold, Principal approver)
    {
        if (SamePerson(hold.Principal, approver))
            return DecideOutcome.OwnRequest;
        foreach (var allowed in hold.Terms.Approvers)
        {
            if (Names(allowed, approver))
                return DecideOutcome.Done;
        }
        return DecideOutcome.NotAnApprover;
    }

    /// <summary>
    /// Whether two principals stand for one person: the same login, one acts for the other, or both act for a third.
    /// </summary>
    public static bool SamePerson(Principal one, Principal other) =>
        one.IsOrActsFor(other.Name) || (other.OnBehalfOf is { } owner && one.IsOrActsFor(owner));

    private static bool Names(string allowed, Principal approver)
    {
        if (allowed.StartsWith(UserPrefix, StringComparison.Ordinal))
            return approver.Kind == PrincipalKind.Person && Is(approver, allowed.AsSpan(UserPrefix.Length));
        if (allowed.StartsWith(AgentPrefix, StringComparison.Ordinal))
            return approver.Kind != PrincipalKind.Person && Is(approver, allowed.AsSpan(AgentPrefix.Length));

        // A group of people must not become a group of machines because somebody added a bot to it.
        return approver.Kind == PrincipalKind.Person && approver.Groups.Contains(allowed);
    }

    private static bool Is(Principal approver, ReadOnlySpan<char> name) => name.Equals(approver.Name, StringComparison.OrdinalIgnoreCase);
}
