using System.Collections.Immutable;
using Sallyport.Core;

namespace Sallyport.Approvals;

/// <summary>
/// The approvals of one text so far. Immutable: a count that the store does not take leaves the old one standing.
/// A modification starts a new count with the one who modified; approvals of another text are not carried over.
/// </summary>
internal sealed record Tally(ImmutableArray<Vote> Votes, string? Text, int Revision)
{
    public static readonly Tally Empty = new([], null, 0);

    public ImmutableArray<string> Names => [.. Votes.Select(vote => vote.By.Name)];

    public string? LastReason => Votes.IsEmpty ? null : Votes[^1].Reason;

    /// <summary>The shortest grant that every approver gave; null when one said once, or for a text that was not asked.</summary>
    public TimeSpan? GrantFor =>
        Text is not null || Votes.Any(vote => vote.Scope.GrantFor is null) ? null : Votes.Min(vote => vote.Scope.GrantFor);

    /// <summary><see cref="DecideOutcome.Counted"/> and the new count, or why the vote does not count.</summary>
    public DecideOutcome Count(Vote vote, string asked, out Tally next)
    {
        next = this;
        if (vote.Kind == VoteKind.Modify && !string.Equals(vote.Text, Text ?? asked, StringComparison.Ordinal))
        {
            next = new Tally([vote], vote.Text, Revision + 1);
            return DecideOutcome.Counted;
        }
        if (vote.Kind == VoteKind.Approve && vote.Revision != Revision)
            return DecideOutcome.TextChanged;
        if (Votes.Any(earlier => ApproverRules.SamePerson(earlier.By, vote.By)))
            return DecideOutcome.SamePersonTwice;
        next = this with { Votes = Votes.Add(vote) };
        return DecideOutcome.Counted;
    }
}
