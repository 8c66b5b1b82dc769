using Sallyport.Core;
using Sallyport.Policy.Testing;

namespace Sallyport.Policy.Tests.Testing;

public sealed class PolicyTestsTests
{
    private static string[] Run(string tests)
    {
        var load = Given.Load($$"""
            version: 1
            rules:
              - { name: reads, who: [agents, user:ana], on: shop, do: read, then: allow }
              - { name: writes wait, who: onBehalfOf:ana, on: shop, do: write, then: hold, approvers: oncall }
            masks:
              - { name: m, on: shop, columns: { public.customers.email: email } }
            tests:
              - {{tests}}
            """);
        Assert.Empty(load.Errors);
        var failures = PolicyTests.Run(load.Snapshot!, load.Tests, [Given.Shop], static (_, text) =>
            Given.Facts(Given.Effect(text.StartsWith("select", StringComparison.Ordinal) ? EffectKind.Read : EffectKind.Write, text.Split(' ')[0], "customers")));
        return [.. failures.Select(static f => f.ToString())];
    }

    [Theory]
    [InlineData("{ as: {user: ana}, on: shop, run: select 1, expect: allow }")]
    [InlineData("{ as: {user: ana}, on: shop, run: select 1, expect: allow by reads }")]
    [InlineData("{ as: {user: ana}, on: shop, run: select 1, expect: 'allow by reads mask customers.email, public.customers.email' }")]
    [InlineData("{ as: {user: ana}, on: shop, run: delete x, expect: deny by no rule }")]
    [InlineData("{ as: {user: bot, kind: agent, groups: agents, onBehalfOf: ana}, on: shop, run: delete x, expect: hold by writes wait }")]
    [InlineData("{ as: {user: ana, kind: service}, on: shop, run: select 1, expect: deny }")]
    public void ATestThatHoldsPasses(string test) => Assert.Empty(Run(test));

    [Theory]
    [InlineData("{ as: {user: ana}, on: shop, run: delete x, expect: allow }",
        "policy.yaml:8:5: tests[0]: the test failed: ana on shop, \"delete x\": expected allow, got deny by no rule. No rule allows write (delete) on customers.")]
    [InlineData("{ as: {user: ana}, on: shop, run: select 1, expect: allow mask customers.ssn }",
        "policy.yaml:8:5: tests[0]: the test failed: ana on shop sees public.customers.ssn without a mask.")]
    [InlineData("{ as: {user: ana}, on: shpo, run: select 1, expect: allow }",
        "policy.yaml:8:5: tests[0]: the test cannot run: there is no configured resource \"shpo\". Did you mean shop?")]
    public void ATestThatDoesNotHoldSaysWhatItGot(string test, string failure) => Assert.Equal(failure, Assert.Single(Run(test)));

    [Theory]
    [InlineData("alow", "must start with allow, deny or hold")]
    [InlineData("deny by read", "there is no rule \"read\". Did you mean reads?")]
    [InlineData("allow mask email", "\"email\" is not relation.column or schema.relation.column.")]
    public void AnExpectationThatCannotBeReadIsAnError(string expect, string error)
    {
        var load = Given.Load(
            "version: 1\nrules:\n  - { name: reads, who: everyone, on: shop, then: allow }\ntests:\n" +
            $"  - {{ as: {{user: ana}}, on: shop, run: x, expect: {expect} }}\n");
        Assert.Contains(error, Assert.Single(load.Errors).Message, StringComparison.Ordinal);
    }
}
