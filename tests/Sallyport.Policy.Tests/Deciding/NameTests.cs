using Sallyport.Core;
using static Sallyport.Core.DecisionKind;

namespace Sallyport.Policy.Tests.Deciding;

public sealed class NameTests
{
    private static readonly Principal Ana = Given.Person("ana", "staff");
    private const string Anything = "name: anything, who: staff, on: shop, then: allow";

    private static DecisionKind Allows(string relation, string read, INameResolver? names = null) =>
        Given.Rules($"name: r, who: staff, on: shop, do: read, if: {{relation: {relation}}}, then: allow")
            .Decide(Given.Reads(read), Ana, Given.Shop, names).Kind;

    private static DecisionKind Denies(string relation, string read, INameResolver? names = null) =>
        Given.Rules(Anything, $"name: r, who: staff, on: shop, if: {{relation: {relation}}}, then: deny")
            .Decide(Given.Reads(read), Ana, Given.Shop, names).Kind;

    [Fact]
    public void Threat28_WithoutAResolverANameIsInPublic()
    {
        Assert.Equal(Deny, Denies("public.payroll", "payroll"));
        Assert.Equal(Allow, Allows("public.payroll", "payroll"));
        Assert.Equal(Deny, Allows("hr.payroll", "payroll"));
    }

    [Fact]
    public void Threat28_ANameInNoKnownSchemaMayBeAny()
    {
        var none = new Names();
        Assert.Equal(Deny, Denies("public.payroll", "payroll", none));
        Assert.Equal(Deny, Allows("public.payroll", "payroll", none));
        Assert.Equal(Allow, Allows("\"*.payroll\"", "payroll", none));
        Assert.Equal(Allow, Allows("\"*.*\"", "payroll", none));
    }

    [Fact]
    public void Threat28_ANameInSeveralSchemasDeniesOnAnyAndAllowsOnAll()
    {
        var both = new Names(("payroll", ["scratch", "hr"]));
        Assert.Equal(Deny, Denies("hr.payroll", "payroll", both));
        Assert.Equal(Deny, Allows("scratch.payroll", "payroll", both));
        Assert.Equal(Allow, Allows("[scratch.payroll, hr.*]", "payroll", both));
        Assert.Equal(Allow, Denies("public.payroll", "payroll", both));
    }

    [Fact]
    public void AnUnqualifiedPatternIsAnySchemaToDenyAndPublicToAllow()
    {
        Assert.Equal(Deny, Denies("payroll", "hr.payroll"));
        Assert.Equal(Deny, Allows("payroll", "hr.payroll"));
        Assert.Equal(Allow, Allows("payroll", "public.payroll"));
    }

    [Fact]
    public void Threat28_CaseCountsAsTheCatalogueStoresIt()
    {
        Assert.Equal(Allow, Denies("public.users", "public.Users"));
        Assert.Equal(Deny, Denies("public.Users", "public.Users"));
    }

    [Theory]
    [InlineData("public.pay*", "public.payroll", true)]
    [InlineData("public.*_log", "public.audit_log", true)]
    [InlineData("public.pay*roll", "public.payroll", true)]
    [InlineData("public.pay*yroll", "public.payroll", false)]
    [InlineData("'public.\"a*\"'", "public.ab", false)]
    public void StarsMatchAnyRun(string pattern, string name, bool matches) =>
        Assert.Equal(matches ? Deny : Allow, Denies(pattern, name));

    [Fact]
    public void AQuotedPartMayHoldADot()
    {
        var policy = Given.Rules(Anything, "name: r, who: staff, on: shop, if: {relation: '\"a.b\".\"say \"\"hi\"\"\"'}, then: deny");
        var odd = new EffectObject(ObjectType.Relation, "a.b", "say \"hi\"");
        Assert.Equal(Deny, policy.Decide(Given.Facts(new Effect(EffectKind.Read, "select") { Objects = [odd] }), Ana, Given.Shop, null).Kind);
    }

    [Fact]
    public void ColumnsDenyWhenUnknownAndAllowOnlyWhenAllFit()
    {
        var deny = Given.Rules(Anything, "name: r, who: staff, on: shop, if: {relation: public.c, column: ssn}, then: deny");
        var allow = Given.Rules("name: r, who: staff, on: shop, if: {relation: public.c, column: [id, name]}, then: allow");
        Assert.Equal(Deny, Decide(deny));
        Assert.Equal(Deny, Decide(deny, "id", "ssn"));
        Assert.Equal(Allow, Decide(deny, "id"));
        Assert.Equal(Deny, Decide(allow));
        Assert.Equal(Deny, Decide(allow, "id", "ssn"));
        Assert.Equal(Allow, Decide(allow, "id", "name"));

        static DecisionKind Decide(PolicySnapshot policy, params string[] columns)
        {
            var effect = new Effect(EffectKind.Read, "select") { Objects = [Given.Relation("public.c", columns)] };
            return policy.Decide(Given.Facts(effect), Ana, Given.Shop, null).Kind;
        }
    }

    [Theory]
    [InlineData("setting: log_*", ObjectType.Setting, "log_statement")]
    [InlineData("role: postgres", ObjectType.Role, "postgres")]
    [InlineData("function: dblink*", ObjectType.Function, "dblink_exec")]
    [InlineData("schema: public", ObjectType.Function, "f")]
    [InlineData("schema: secret", ObjectType.Schema, "secret")]
    [InlineData("path: /etc/*", ObjectType.Path, "/etc/passwd")]
    public void EachObjectMeetsTheConditionOfItsType(string condition, ObjectType type, string name)
    {
        var policy = Given.Rules(Anything, $"name: r, who: staff, on: shop, if: {{{condition}}}, then: deny");
        Assert.Equal(Deny, Of(new EffectObject(type, "", name)));
        Assert.Equal(Allow, Of(new EffectObject(ObjectType.Other, "", name)));

        DecisionKind Of(EffectObject target) =>
            policy.Decide(Given.Facts(new Effect(EffectKind.Alter, "x") { Objects = [target] }), Ana, Given.Shop, null).Kind;
    }

    [Fact]
    public void Threat95_AHostileNameAgainstManyStarsIsDecidedAtOnce()
    {
        var pattern = string.Concat(Enumerable.Repeat("a*", 200)) + "b";
        var name = "public." + new string('a', 200_000);
        var started = TimeProvider.System.GetTimestamp();
        Assert.Equal(Allow, Denies($"'{pattern}'", name));
        Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(5));
    }
}
