using System.Collections.Immutable;
using Sallyport.Core;
using Sallyport.Policy.Deciding;
using Sallyport.Policy.Yaml;

namespace Sallyport.Policy.Testing;

/// <summary>Reads a command of a resource of that kind. Supplied by who knows the protocols; must not throw for any text.</summary>
public delegate Facts FactsReader(ResourceKind kind, string text);

/// <summary>Runs the <c>tests</c> of a policy file against its snapshot. Unqualified names are read as in schema <c>public</c>.</summary>
public static class PolicyTests
{
    /// <summary>The failures, in file order; empty when all pass.</summary>
    public static ImmutableArray<YamlProblem> Run(
        PolicySnapshot snapshot, ImmutableArray<PolicyTest> tests, IReadOnlyCollection<Resource> resources, FactsReader facts)
    {
        var failures = ImmutableArray.CreateBuilder<YamlProblem>();
        foreach (var test in tests)
        {
            if (Run(snapshot, test, resources, facts) is { } failure)
                failures.Add(new YamlProblem(test.At.Problems.File, test.At.Line, test.At.Column, test.At.Path, failure));
        }
        return failures.ToImmutable();
    }

    private static string? Run(PolicySnapshot snapshot, PolicyTest test, IReadOnlyCollection<Resource> resources, FactsReader facts)
    {
        if (resources.FirstOrDefault(r => r.Name == test.On) is not { } resource)
        {
            var near = Suggestion.For(test.On, resources.Select(static r => r.Name));
            return $"the test cannot run: there is no configured resource \"{test.On}\".{near}";
        }
        var decision = snapshot.Decide(facts(resource.Kind, test.Run), test.As, resource, names: null);
        var expected = test.Expect;
        if (decision.Kind != expected.Kind || (expected.Rule is { } rule && rule != decision.Rule))
            return $"the test failed: {test.As.Name} on {test.On}, \"{test.Run}\": expected {Words(expected.Kind, expected.Rule)}, got " +
                $"{Words(decision.Kind, decision.Rule)}.{(decision.Message is null ? "" : $" {decision.Message}")}";
        var masks = snapshot.MasksFor(test.As, resource).Columns;
        foreach (var (schema, relation, column) in expected.Masked)
        {
            if (!masks.Any(m => m.Schema == schema && m.Relation == relation && m.Column == column))
                return $"the test failed: {test.As.Name} on {test.On} sees {schema}.{relation}.{column} without a mask.";
        }
        return null;
    }

    private static string Words(DecisionKind kind, string? rule) =>
        rule is null ? RuleWords.Verdict(kind) : $"{RuleWords.Verdict(kind)} by {(rule == Decision.NoRule ? "no rule" : rule)}";
}
