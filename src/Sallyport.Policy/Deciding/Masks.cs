using Sallyport.Core;
using Sallyport.Policy.Rules;

namespace Sallyport.Policy.Deciding;

/// <summary>
/// Adds masks up. Where two meet (on one column, or two sets of detectors) the one that shows less wins, in the order redact,
/// null, fixed, hash, last4, email; the earlier in the file when they are equal. Of what predicates may do the least is allowed.
/// </summary>
internal static class Masks
{
    private static readonly MaskKind[] Strictest =
        [MaskKind.Redact, MaskKind.Null, MaskKind.Fixed, MaskKind.Hash, MaskKind.Last4, MaskKind.Email];

    public static MaskSet Combine(IReadOnlyCollection<MaskRule> rules)
    {
        if (rules.Count == 0)
            return MaskSet.None;
        var columns = rules.SelectMany(static r => r.Columns)
            .GroupBy(static c => (c.Schema, c.Relation, c.Column))
            .Select(static same => same.MinBy(static c => Array.IndexOf(Strictest, c.Mask.Kind))! with
            {
                Predicates = same.Max(static c => c.Predicates),
                RefusesDerived = same.Any(static c => c.RefusesDerived),
            });
        var detecting = rules.Where(static r => r.Detect != Detectors.None).ToList();
        var with = detecting.Select(static r => r.With).MinBy(static m => Array.IndexOf(Strictest, m.Kind)) ?? Mask.Redact;
        return new MaskSet([.. columns], detecting.Aggregate(Detectors.None, static (all, r) => all | r.Detect), with);
    }
}
