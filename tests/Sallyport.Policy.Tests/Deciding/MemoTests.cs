using Sallyport.Core;

namespace Sallyport.Policy.Tests.Deciding;

public sealed class MemoTests
{
    private static readonly PolicySnapshot Policy = Given.Rules(
        "name: reads, who: staff, on: shop, do: read, then: allow",
        "name: payroll, who: everyone, on: shop, if: {relation: hr.payroll}, then: deny");

    [Theory]
    [InlineData("t", DecisionKind.Allow)]
    [InlineData("hr.payroll", DecisionKind.Deny)]
    public void ARepeatedVerdictAllocatesNothing(string relation, DecisionKind kind)
    {
        var facts = Given.Reads(relation);
        var (ana, names) = (Given.Person("ana", "staff"), new Names(("t", ["public"])));
        Assert.Equal(kind, Policy.Decide(facts, ana, Given.Shop, names).Kind);
        Policy.MasksFor(ana, Given.Shop);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            Policy.Decide(facts, ana, Given.Shop, names);
            Policy.MasksFor(ana, Given.Shop);
            Policy.Admits(ana, Given.Shop);
        }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void PrincipalsWithTheSameRulesShareAVerdict()
    {
        var facts = Given.Reads("public.t");
        var first = Policy.Decide(facts, Given.Person("ana", "staff"), Given.Shop, new Names());
        var memo = facts.VerdictMemo;
        for (var i = 0; i < 100; i++)
            Assert.Same(first, Policy.Decide(facts, Given.Person($"u{i}", "staff"), Given.Shop, new Names()));
        Assert.Same(memo, facts.VerdictMemo);
    }

    [Fact]
    public void AVerdictIsNotSharedAcrossNamesResourcesOrRules()
    {
        var facts = Given.Reads("payroll");
        var ana = Given.Person("ana", "staff");
        Assert.Equal("reads", Policy.Decide(facts, ana, Given.Shop, new Names(("payroll", ["public"]))).Rule);
        Assert.Equal("payroll", Policy.Decide(facts, ana, Given.Shop, new Names(("payroll", ["hr"]))).Rule);
        Assert.Equal(Decision.NoRule, Policy.Decide(facts, ana, Given.Lab, null).Rule);
        Assert.Equal(Decision.NoRule, Policy.Decide(facts, Given.Person("eve"), Given.Shop, null).Rule);
    }

    [Fact]
    public void TheMemoStaysSmallAndRight()
    {
        var facts = Given.Reads("payroll");
        var ana = Given.Person("ana", "staff");
        for (var i = 0; i < 100; i++)
        {
            var schema = i % 2 == 0 ? "hr" : "public";
            Assert.Equal(i % 2 == 0 ? "payroll" : "reads", Policy.Decide(facts, ana, Given.Shop, new Names(("payroll", [schema]))).Rule);
        }
    }
}
