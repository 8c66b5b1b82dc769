using Sallyport.Core;

namespace Sallyport.Policy.Tests.Deciding;

public sealed class MaskTests
{
    private static readonly PolicySnapshot Policy = Given.Policy("""
        version: 1
        rules: []
        masks:
          - { name: cards, on: shop, except: dba, columns: { public.customers.card_number: last4, '"odd.s".t."c.d"': {fixed: x} } }
          - { name: secrets, on: {env: prod}, detect: [pan, private_key], with: last4 }
          - { name: agents, who: agents, on: shop, columns: { public.customers.card_number: redact }, detect: jwt }
        """);

    [Fact]
    public void MasksAddUpAndTheOneThatShowsLessWins()
    {
        var staff = Policy.MasksFor(Given.Person("ana"), Given.Shop);
        Assert.Equal(MaskKind.Last4, staff.Columns.Single(c => c.Column == "card_number").Mask.Kind);
        Assert.Equal((Detectors.Pan | Detectors.PrivateKey, MaskKind.Last4), (staff.Detectors, staff.DetectorMask.Kind));
        var agent = Policy.MasksFor(Given.Agent("bot", "agents"), Given.Shop);
        Assert.Equal(("agents", MaskKind.Redact), (agent.Columns[0].Rule, agent.Columns[0].Mask.Kind));
        Assert.Equal((Detectors.Pan | Detectors.PrivateKey | Detectors.Jwt, MaskKind.Redact), (agent.Detectors, agent.DetectorMask.Kind));
    }

    [Fact]
    public void ExceptIsHonoured()
    {
        Assert.Empty(Policy.MasksFor(Given.Person("dana", "dba"), Given.Shop).Columns);
        Assert.Same(MaskSet.None, Policy.MasksFor(Given.Person("dana"), Given.Lab));
    }

    [Fact]
    public void QuotedPartsMayHoldDots() =>
        Assert.Contains(
            new ColumnMask("odd.s", "t", "c.d", new Mask(MaskKind.Fixed, "x"), "cards"),
            Policy.MasksFor(Given.Person("ana"), Given.Shop).Columns);

    [Fact]
    public void OfPredicatesAndDerivedValuesTheStrictestWordCounts()
    {
        var policy = Given.Policy("""
            version: 1
            rules: []
            masks:
              - { name: plain, on: shop, columns: { public.customers.ssn: redact } }
              - { name: open, on: shop, columns: { public.customers.name: redact }, predicates: allow }
              - { name: closed, on: shop, columns: { public.customers.name: last4, public.customers.email: email }, predicates: deny, derived: deny }
            """);

        var columns = policy.MasksFor(Given.Person("ana"), Given.Shop).Columns.ToDictionary(static c => c.Column);

        Assert.Equal((PredicateUse.Equality, false), (columns["ssn"].Predicates, columns["ssn"].RefusesDerived));
        Assert.Equal((PredicateUse.Deny, true), (columns["name"].Predicates, columns["name"].RefusesDerived));
        Assert.Equal((MaskKind.Email, PredicateUse.Deny, true), (columns["email"].Mask.Kind, columns["email"].Predicates, columns["email"].RefusesDerived));
    }

    [Fact]
    public void TheSetIsTheSameReferenceForAllWhomTheSameRulesConcern() =>
        Assert.Same(Policy.MasksFor(Given.Person("ana"), Given.Shop), Policy.MasksFor(Given.Person("eve"), Given.Shop));
}
