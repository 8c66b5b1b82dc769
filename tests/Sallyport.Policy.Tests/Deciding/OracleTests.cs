using System.Collections.Immutable;
using Sallyport.Core;
using static Sallyport.Core.DecisionKind;

namespace Sallyport.Policy.Tests.Deciding;

/// <summary>Random rules and commands, against the semantics written down a second time, as plainly as possible.</summary>
public sealed class OracleTests
{
    private static readonly EffectKind[] Kinds =
        [EffectKind.Read, EffectKind.Write, EffectKind.Drop, EffectKind.Session, EffectKind.Transaction, EffectKind.Opaque];

    private static readonly string[] Groups = ["red", "blue"];
    private static readonly string[] Tables = ["a", "b", "c"];
    private static readonly string[] Schemas = ["public", "hr"];

    /// <summary>A rule as drawn. Null <see cref="Do"/> and <see cref="Table"/> say nothing; null <see cref="Schema"/> is unqualified.</summary>
    private sealed record Drawn(string Name, string Group, EffectKind? Do, string? Schema, string? Table, DecisionKind Then)
    {
        public string Yaml => $"name: {Name}, who: {Group}, on: shop" +
            (Do is { } kind ? $", do: {kind.ToString().ToLowerInvariant()}" : "") +
            (Table is null ? "" : $", if: {{relation: {(Schema is null ? "" : Schema + ".")}{Table}}}") +
            $", then: {Then.ToString().ToLowerInvariant()}" + (Then == DecisionKind.Hold ? ", approvers: oncall" : "");

        public bool Matches(Effect effect, EffectObject? target, INameResolver? names)
        {
            var unnamed = Then switch
            {
                Deny => true,
                Allow => effect.Kind != EffectKind.Opaque,
                _ => !(effect.Kind is EffectKind.Opaque or EffectKind.Session or EffectKind.Transaction),
            };
            if (Do is null ? !unnamed : Do != effect.Kind)
                return false;
            if (Table is null)
                return true;
            if (target is null || target.Name != Table)
                return false;
            string[] meanings = target.Schema.Length > 0 ? [target.Schema] : names is null ? ["public"] : names.SchemasOf(target.Type, target.Name).ToArray();
            if (Then == Allow)
                return meanings.Length > 0 && meanings.All(m => m == (Schema ?? "public"));
            return Schema is null || meanings.Length == 0 || meanings.Contains(Schema);
        }
    }

    private static DecisionKind Oracle(IReadOnlyList<Drawn> rules, Facts facts, string group, INameResolver? names)
    {
        var mine = rules.Where(r => r.Group == group).ToList();
        var admitted = mine.Any(static r => r.Then != Deny);
        var verdict = admitted ? Allow : Deny;
        foreach (var effect in facts.Effects)
        {
            foreach (var target in effect.Objects.IsEmpty ? [null] : effect.Objects.Cast<EffectObject?>())
            {
                var matching = mine.Where(r => r.Matches(effect, target, names)).Select(static r => r.Then).ToList();
                var rides = admitted && effect.Kind is (EffectKind.Session or EffectKind.Transaction);
                var one = matching.Count > 0 ? matching.Max() : rides ? Allow : Deny;
                verdict = one > verdict ? one : verdict;
            }
        }
        return verdict;
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void TheCompiledPolicyDecidesAsTheSemanticsSay(int seed)
    {
        var random = new Random(seed);
        var seen = new HashSet<DecisionKind>();
        for (var round = 0; round < 100; round++)
        {
            var rules = Enumerable.Range(0, random.Next(1, 9)).Select(i => DrawRule(random, i)).ToList();
            var policy = Given.Rules([.. rules.Select(static r => r.Yaml)]);
            var principals = Groups.Select(static g => (g, Given.Person("x", g))).ToList();
            var resolvers = Enumerable.Range(0, 3).Select(i => i == 0 ? null : DrawNames(random)).ToList();
            for (var command = 0; command < 40; command++)
            {
                var facts = DrawFacts(random);
                foreach (var (group, principal) in principals)
                {
                    foreach (var names in resolvers.Concat(resolvers))
                    {
                        var expected = Oracle(rules, facts, group, names);
                        Assert.Equal(expected, policy.Decide(facts, principal, Given.Shop, names).Kind);
                        seen.Add(expected);
                    }
                }
            }
        }
        Assert.Equal(3, seen.Count);
    }

    private static Drawn DrawRule(Random random, int i) => new(
        $"r{i}",
        Pick(random, Groups),
        random.Next(4) == 0 ? null : Pick(random, Kinds),
        random.Next(3) == 0 ? null : Pick(random, Schemas),
        random.Next(3) > 0 ? null : Pick(random, Tables),
        random.Next(5) switch { 0 => Deny, 1 => DecisionKind.Hold, _ => Allow });

    private static Names DrawNames(Random random) => new(
        [.. Tables.Select(t => (t, Schemas.Where(_ => random.Next(2) == 0).ToArray()))]);

    private static Facts DrawFacts(Random random) => new(
        [.. Enumerable.Range(0, random.Next(4)).Select(_ => new Effect(Pick(random, Kinds), "verb") { Objects = DrawObjects(random) })]);

    private static ImmutableArray<EffectObject> DrawObjects(Random random) =>
        [.. Enumerable.Range(0, random.Next(3)).Select(_ =>
            new EffectObject(ObjectType.Relation, random.Next(2) == 0 ? "" : Pick(random, Schemas), Pick(random, Tables)))];

    private static T Pick<T>(Random random, T[] items) => items[random.Next(items.Length)];
}
