using Sallyport.Core;

namespace Sallyport.Policy.Tests;

public sealed class PolicyExplanationTests
{
    [Fact]
    public void AnExplanationSaysWhatWasReadWhatEachRuleSaidAndWhoWon()
    {
        var policy = Given.Policy("""
            version: 1
            rules:
              - { name: reads, who: agents, on: shop, do: read, then: allow }
              - { name: where, who: everyone, on: shop, do: delete, if: {where: missing}, then: deny, message: Add a WHERE clause. }
              - { name: payroll, who: everyone, on: shop, if: {relation: public.payroll}, then: deny }
              - { name: dba, who: dba, on: shop, then: allow }
              - { name: lab, who: agents, on: lab, then: allow }
              - { name: drops, who: agents, on: shop, do: drop, then: hold, approvers: oncall }
              - { name: trial, who: agents, on: shop, do: write, then: deny, mode: observe }
            masks:
              - { name: m, on: shop, columns: { public.customers.email: email }, detect: pan }
            """);
        var facts = Given.Facts(
            Given.Effect(EffectKind.Write, "delete", "orders") with { Where = WhereClause.Missing },
            Given.Effect(EffectKind.Read, "select", "hr.t"));
        var explanation = PolicyExplanation.Of(policy, facts, Given.Agent("bot-7", "agents"), Given.Shop, null);
        Assert.Equal(
            [
                RuleOutcome.Matched, RuleOutcome.Matched, RuleOutcome.ConditionNotMet, RuleOutcome.OtherPrincipal,
                RuleOutcome.OtherResource, RuleOutcome.OtherEffect, RuleOutcome.Matched,
            ],
            explanation.Rules.Select(static r => r.Outcome));
        using var text = new StringWriter { NewLine = "\n" };
        explanation.Write(text);
        Assert.Equal(
            """
            bot-7 on shop
            reads as:
              write (delete) without where on orders
              read (select) on hr.t
            rules:
              reads (allow): matches read (select) on hr.t
              where (deny): matches write (delete) without where on orders
              payroll (deny): its condition is not met
              dba (allow): is not about this principal
              lab (allow): is for other resources
              drops (hold): is about other effects
              trial (deny, observed only): matches write (delete) without where on orders
            verdict: deny by where
              Add a WHERE clause.
              instead: read on shop is allowed by reads; drop on shop waits for approval by drops
              observed: deny by trial
            mask: public.customers.email email by m
            mask: whatever looks like pan redact

            """.ReplaceLineEndings("\n"),
            text.ToString());
    }
}
