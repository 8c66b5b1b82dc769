using System.Collections.Frozen;
using System.Collections.Immutable;
using Sallyport.Core;
using Sallyport.Policy.Rules;
using Sallyport.Policy.Testing;
using Sallyport.Policy.Yaml;

namespace Sallyport.Policy.Reading;

/// <summary>
/// Reads one entry of <c>tests</c>. Expectations are <c>allow</c>, <c>deny</c> or <c>hold</c>, then <c>by RULE</c> (<c>by no rule</c>
/// for what nothing allows), then <c>mask COLUMN, COLUMN</c>.
/// </summary>
internal static class TestReader
{
    private const StringSplitOptions Words = StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;

    public static PolicyTest? Read(YamlNode node, IReadOnlyCollection<string> rules)
    {
        if (node.AsMap() is not { } map)
            return null;
        var principal = map.Require("as")?.AsMap() is { } who ? ReadPrincipal(who) : null;
        var on = map.RequireText("on");
        var run = map.RequireText("run");
        var expect = map.Require("expect") is { } expected ? ReadExpectation(expected, rules) : null;
        map.RefuseOthers();
        if (principal is null || on is null || run is null || expect is null)
            return null;
        return new PolicyTest(map, principal, on, run, expect);
    }

    private static Principal? ReadPrincipal(YamlMap map)
    {
        var name = map.RequireText("user");
        var kind = map.Choice<PrincipalKind>("kind") ?? PrincipalKind.Person;
        var groups = map.Texts("groups");
        var owner = map.Text("onBehalfOf");
        map.RefuseOthers();
        if (name is null)
            return null;
        return new Principal { Name = name, Kind = kind, Groups = groups.ToFrozenSet(), OnBehalfOf = owner, Proof = "test" };
    }

    private static Expectation? ReadExpectation(YamlNode node, IReadOnlyCollection<string> rules)
    {
        if (node.AsText() is not { } text)
            return null;
        var parts = text.Split(" mask ", 2, Words);
        var verdict = parts[0].Split(" by ", 2, Words);
        var rule = verdict.Length < 2 ? null : verdict[1] == "no rule" ? Decision.NoRule : verdict[1];
        var columns = parts.Length < 2 ? [] : ReadColumns(node, parts[1]);
        if (ReadKind(verdict[0]) is not { } kind)
        {
            const string Examples = "hold by writes-wait, allow mask public.customers.email";
            node.Problems.Error(node, $"\"{text}\" must start with allow, deny or hold, as in: {Examples}.");
            return null;
        }
        if (rule is not null and not Decision.NoRule && !rules.Contains(rule))
            node.Problems.Error(node, $"there is no rule \"{rule}\".{Suggestion.For(rule, rules)}");
        return new Expectation(kind, rule, columns);
    }

    private static DecisionKind? ReadKind(string text) => text switch
    {
        "allow" => DecisionKind.Allow,
        "deny" => DecisionKind.Deny,
        "hold" => DecisionKind.Hold,
        _ => null,
    };

    /// <summary>A column without a schema is in <c>public</c>.</summary>
    private static ImmutableArray<(string Schema, string Relation, string Column)> ReadColumns(YamlNode node, string text)
    {
        var columns = ImmutableArray.CreateBuilder<(string, string, string)>();
        foreach (var column in text.Split(',', Words))
        {
            var parts = NamePattern.SplitQuoted(column) ?? [];
            if (parts.Length is 2 or 3 && parts.All(static p => p.IsLiteral))
                columns.Add((parts.Length == 3 ? parts[0].Literally : "public", parts[^2].Literally, parts[^1].Literally));
            else
                node.Problems.Error(node, $"\"{column}\" is not relation.column or schema.relation.column.");
        }
        return columns.ToImmutable();
    }
}
