using System.Collections.Immutable;
using Sallyport.Core;

namespace Sallyport.Approvals;

/// <summary>The rule and terms that an approval answered. Later ones must be the same: it never answers a changed policy.</summary>
internal readonly record struct Answered(string Rule, int Count, ImmutableArray<string> Approvers)
{
    public static Answered By(Hold hold) => new(hold.Rule, hold.Terms.Count, hold.Terms.Approvers);

    public bool Covers(Decision decision) =>
        decision.Hold is { } terms && Same(new Answered(decision.Rule, terms.Count, terms.Approvers));

    public bool Same(Answered other) =>
        other.Count == Count && string.Equals(other.Rule, Rule, StringComparison.Ordinal) &&
        other.Approvers.AsSpan().SequenceEqual(Approvers.AsSpan());
}
