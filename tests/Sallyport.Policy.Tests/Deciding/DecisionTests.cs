using Sallyport.Core;
using static Sallyport.Core.DecisionKind;

namespace Sallyport.Policy.Tests.Deciding;

public sealed class DecisionTests
{
    private static readonly Principal Bot = Given.Agent("bot-7", "agents");
    private const string Read = "name: reads, who: agents, on: shop, do: read, then: allow";
    private const string Anything = "name: anything, who: agents, on: shop, then: allow";

    private static Decision Decide(PolicySnapshot policy, params Effect[] effects) =>
        policy.Decide(Given.Facts(effects), Bot, Given.Shop, null);

    private static Effect Write(string relation, WhereClause where = WhereClause.Present) =>
        Given.Effect(EffectKind.Write, "delete", relation) with { Where = where };

    [Fact]
    public void AnAllowMustCoverEveryEffect()
    {
        var decision = Decide(Given.Rules(Read), Given.Effect(EffectKind.Read, "select", "t"), Write("t"));
        Assert.Equal((Deny, Decision.NoRule), (decision.Kind, decision.Rule));
        Assert.Equal("No rule allows write (delete) on t.", decision.Message);
        Assert.Equal("read on shop is allowed by reads", decision.Alternative);
    }

    [Fact]
    public void AnAllowMustCoverEveryObject()
    {
        var policy = Given.Rules("name: a, who: agents, on: shop, do: read, if: {relation: public.a}, then: allow");
        Assert.Equal(Allow, Decide(policy, Given.Effect(EffectKind.Read, "select", "public.a")).Kind);
        Assert.Equal(Deny, Decide(policy, Given.Effect(EffectKind.Read, "select", "public.a", "public.b")).Kind);
        Assert.Equal(Deny, Decide(policy, Given.Effect(EffectKind.Read, "select")).Kind);
    }

    [Fact]
    public void SeveralAllowsMayCoverTogether()
    {
        var policy = Given.Rules(
            "name: a, who: agents, on: shop, do: read, if: {relation: public.a}, then: allow",
            "name: b, who: agents, on: shop, do: read, if: {relation: public.b}, then: allow");
        var decision = Decide(policy, Given.Effect(EffectKind.Read, "select", "public.b", "public.a"));
        Assert.Equal((Allow, "a"), (decision.Kind, decision.Rule));
    }

    [Theory]
    [InlineData("deny")]
    [InlineData("hold, approvers: oncall")]
    public void ARuleThatDeniesOrHoldsNeedsToMatchOne(string then)
    {
        var policy = Given.Rules(Anything, $"name: payroll, who: everyone, on: shop, if: {{relation: public.payroll}}, then: {then}");
        var decision = Decide(policy, Given.Effect(EffectKind.Read, "select", "public.a", "public.payroll"));
        Assert.Equal("payroll", decision.Rule);
        Assert.NotEqual(Allow, decision.Kind);
    }

    [Fact]
    public void TheStrictestWinsInAnyOrder()
    {
        string[] rules =
        [
            "name: allows, who: agents, on: shop, then: allow",
            "name: holds, who: agents, on: shop, do: [write, drop], then: hold, approvers: oncall",
            "name: denies, who: agents, on: shop, do: drop, then: deny",
        ];
        foreach (var order in new[] { rules, [.. rules.Reverse()] })
        {
            var policy = Given.Rules(order);
            Assert.Equal("allows", Decide(policy, Given.Effect(EffectKind.Read, "select", "t")).Rule);
            Assert.Equal("holds", Decide(policy, Write("t")).Rule);
            Assert.Equal("denies", Decide(policy, Write("t"), Given.Effect(EffectKind.Drop, "drop_table", "t")).Rule);
        }
    }

    [Fact]
    public void Threat15_16_WhatNoRuleLetsPassCannotRideOnWhatIsHeld()
    {
        var policy = Given.Rules("name: holds, who: agents, on: shop, do: write, then: hold, approvers: oncall");
        Assert.Equal(DecisionKind.Hold, Decide(policy, Write("t")).Kind);
        Assert.Equal(Deny, Decide(policy, Write("t"), new Effect(EffectKind.Server, "pg_read_file")).Kind);
    }

    [Fact]
    public void Threat17_OpaqueIsDeniedUnlessARuleNamesIt()
    {
        var opaque = new Effect(EffectKind.Opaque, "do") { Detail = "a block in plperlu" };
        var decision = Decide(Given.Rules(Anything), opaque);
        Assert.Equal((Deny, Decision.NoRule), (decision.Kind, decision.Rule));
        Assert.Equal("The command could not be read to its end: a block in plperlu.", decision.Message);
        Assert.Equal(Deny, Decide(Given.Rules("name: verb, who: agents, on: shop, do: do, then: allow"), opaque).Kind);
        Assert.Equal(Deny, Decide(Given.Rules("name: all, who: agents, on: shop, then: hold, approvers: oncall"), opaque).Kind);
        Assert.Equal(Allow, Decide(Given.Rules("name: named, who: agents, on: shop, do: opaque, then: allow"), opaque).Kind);
        Assert.Equal(DecisionKind.Hold, Decide(Given.Rules("name: named, who: agents, on: shop, do: opaque, then: hold, approvers: oncall"), opaque).Kind);
    }

    [Fact]
    public void NothingMatchingIsDeny()
    {
        var decision = Given.Rules(Read).Decide(Given.Reads("t"), Given.Person("ana"), Given.Shop, null);
        Assert.Equal((Deny, Decision.NoRule), (decision.Kind, decision.Rule));
        Assert.Null(decision.Alternative);
        Assert.Equal(Deny, PolicySnapshot.DenyAll.Decide(Given.Facts(), Bot, Given.Shop, null).Kind);
    }

    [Fact]
    public void WhoMayDoAnythingMayControlTransactionsAndSessionSettings()
    {
        Effect[] startUp = [new(EffectKind.Transaction, "begin"), new(EffectKind.Session, "set")];
        Assert.Equal((Allow, "reads"), Of(Given.Rules(Read)));
        Assert.Equal((Allow, "holds"), Of(Given.Rules("name: holds, who: agents, on: shop, then: hold, approvers: oncall")));
        Assert.Equal((Deny, "no-set"), Of(Given.Rules(Read, "name: no-set, who: agents, on: shop, do: session, then: deny")));
        Assert.Equal((Deny, Decision.NoRule), Of(Given.Rules("name: x, who: dba, on: shop, then: allow")));

        (DecisionKind, string) Of(PolicySnapshot policy)
        {
            var decision = Decide(policy, startUp);
            return (decision.Kind, decision.Rule);
        }
    }

    [Theory]
    [InlineData(EffectKind.Privilege, "set_role")]
    [InlineData(EffectKind.Server, "alter_system")]
    public void Threat29_ChangesOfIdentityDoNotRideAlong(EffectKind kind, string verb) =>
        Assert.Equal(Deny, Decide(Given.Rules(Read), new Effect(kind, verb)).Kind);

    [Fact]
    public void AnEmptyCommandPassesForWhomIsAdmitted()
    {
        Assert.Equal(Allow, Decide(Given.Rules(Read)).Kind);
        Assert.Equal(Deny, Given.Rules(Read).Decide(Given.Facts(), Given.Person("eve"), Given.Shop, null).Kind);
    }

    [Fact]
    public void AVerbRefinesAnEffect()
    {
        var policy = Given.Rules("name: ddl, who: agents, on: shop, do: [create_table, alter_table_*], then: allow");
        Assert.Equal(Allow, Decide(policy, Given.Effect(EffectKind.Create, "create_table", "t")).Kind);
        Assert.Equal(Allow, Decide(policy, Given.Effect(EffectKind.Alter, "alter_table_add_column", "t")).Kind);
        Assert.Equal(Deny, Decide(policy, Given.Effect(EffectKind.Create, "create_function", "f")).Kind);
    }

    [Fact]
    public void AMissingWhereIsDenied()
    {
        var policy = Given.Rules(Anything, "name: where, who: everyone, on: {kind: postgres}, do: [update, delete], if: {where: missing}, then: deny, message: Add a WHERE clause.");
        var decision = Decide(policy, Write("t", WhereClause.Missing));
        Assert.Equal(("where", "Add a WHERE clause."), (decision.Rule, decision.Message));
        Assert.Equal(Allow, Decide(policy, Write("t")).Kind);
    }

    [Fact]
    public void ARuleInObserveModeOnlySaysWhatItWouldDo()
    {
        var policy = Given.Rules(
            Read,
            "name: new-deny, who: agents, on: shop, do: read, then: deny, mode: observe",
            "name: new-allow, who: agents, on: shop, do: write, then: allow, mode: observe");
        var read = Decide(policy, Given.Effect(EffectKind.Read, "select", "t"));
        Assert.Equal(Allow, read.Kind);
        Assert.Equal(["deny by new-deny"], read.Observed.AsEnumerable());
        var write = Decide(policy, Write("t"));
        Assert.Equal(Deny, write.Kind);
        Assert.Equal(["allow by new-allow"], write.Observed.AsEnumerable());
        Assert.False(Given.Rules("name: o, who: agents, on: shop, then: allow, mode: observe").Admits(Bot, Given.Shop));
    }

    [Fact]
    public void OfSeveralHoldsTheOneWithMostPeopleThenTheShortestWaitIsTaken()
    {
        var policy = Given.Rules(
            "name: one, who: agents, on: shop, do: write, then: hold, approvers: oncall, within: 5s",
            "name: two-long, who: agents, on: shop, do: write, then: hold, approvers: oncall, count: 2, within: 10m",
            "name: two-short, who: agents, on: shop, do: write, then: hold, approvers: dba, count: 2, within: 60s, note: Which ticket?");
        var decision = Decide(policy, Write("t"));
        Assert.Equal(("two-short", "Which ticket?", 2), (decision.Rule, decision.Message, decision.Hold!.Count));
        Assert.Equal(["dba"], decision.Hold.Approvers.AsEnumerable());
        Assert.Equal(TimeSpan.FromSeconds(60), decision.Hold.WithinTransaction);
    }

    [Theory]
    [InlineData("everyone", true)]
    [InlineData("agents", true)]
    [InlineData("agent:BOT-7", true)]
    [InlineData("user:bot-7", false)]
    [InlineData("service:bot-7", false)]
    [InlineData("onBehalfOf:ana", true)]
    [InlineData("onBehalfOf:eve", false)]
    [InlineData("[dba, agent:bot-7]", true)]
    [InlineData("bot-7", false)]
    [InlineData("everyone, except: agents", false)]
    public void WhoSelects(string who, bool selected)
    {
        var policy = Given.Rules($"name: r, who: {who}, on: shop, then: allow");
        Assert.Equal(selected, policy.Admits(Bot with { OnBehalfOf = "ana" }, Given.Shop));
    }

    [Theory]
    [InlineData("shop", true)]
    [InlineData("[lab, shop]", true)]
    [InlineData("lab", false)]
    [InlineData("{env: prod}", true)]
    [InlineData("{env: [test, prod]}", true)]
    [InlineData("{env: prod, kind: postgres}", true)]
    [InlineData("{env: prod, kind: ssh}", false)]
    [InlineData("{env: prod, team: x}", false)]
    [InlineData("{kind: postgres}", true)]
    [InlineData("everything", true)]
    public void OnSelects(string on, bool selected) =>
        Assert.Equal(selected, Given.Rules($"name: r, who: agents, on: {on}, then: allow").Admits(Bot, Given.Shop));

    [Fact]
    public void Threat20_ATightenedPolicyMeetsTheSameFacts()
    {
        var facts = Given.Reads("t");
        var before = Given.Rules(Read);
        var after = Given.Rules(Read, "name: closed, who: everyone, on: shop, then: deny");
        Assert.Equal(Allow, before.Decide(facts, Bot, Given.Shop, null).Kind);
        Assert.Equal("closed", after.Decide(facts, Bot, Given.Shop, null).Rule);
        Assert.NotEqual(before.Snapshot, after.Snapshot);
        Assert.Matches("^[0-9a-f]{16}$", after.Decide(facts, Bot, Given.Shop, null).Snapshot);
    }
}
