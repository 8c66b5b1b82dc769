using System.Collections.Immutable;
using System.Security.Cryptography;
using Sallyport.Policy.Reading;
using Sallyport.Policy.Rules;
using Sallyport.Policy.Testing;
using Sallyport.Policy.Yaml;

namespace Sallyport.Policy;

/// <summary>Reads <c>policy.yaml</c>: bytes → a compiled snapshot, or every error at once. Runs none of the file's tests.</summary>
public static class PolicyFile
{
    /// <summary>The first 16 hex digits of the bytes' SHA-256.</summary>
    public static string Digest(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 8));

    /// <param name="file">The name that problems show.</param>
    /// <param name="bytes">The file, whole.</param>
    /// <param name="context">What names are known around it.</param>
    public static PolicyLoad Read(string file, ReadOnlySpan<byte> bytes, PolicyContext? context = null)
    {
        var root = YamlReader.Read(file, bytes);
        var problems = root.Problems;
        if (root.Entries.IsEmpty && problems.Any)
            return new PolicyLoad(null, [], problems.Errors, problems.Warnings);
        if (root.Require("version") is { } version)
            version.AsInteger(1, 1);
        var selectors = new SelectorReader(context ?? PolicyContext.Unknown);
        var ruleReader = new RuleReader(selectors);
        var maskReader = new MaskReader(selectors);
        var budgetReader = new BudgetReader(selectors);
        var ruleNodes = Entries(root.Require("rules"));
        var maskNodes = Entries(root.Find("masks"));
        var budgetNodes = Entries(root.Find("budgets"));
        var rules = ruleNodes.Select(ruleReader.Read).ToList();
        var masks = maskNodes.Select(maskReader.Read).OfType<MaskRule>().ToImmutableArray();
        var budgets = budgetNodes.Select(budgetReader.Read).OfType<BudgetRule>().ToImmutableArray();
        // A record names what refused: a rule or a budget.
        RefuseSameNames(ruleNodes.AddRange(budgetNodes));
        RefuseSameNames(maskNodes);
        var names = ruleNodes.Select(NameOf).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var tests = Entries(root.Find("tests")).Select(t => TestReader.Read(t, names)).OfType<PolicyTest>().ToImmutableArray();
        root.RefuseOthers();
        if (!problems.Any)
            Shadowing.Warn(rules, ruleNodes);
        var snapshot = problems.Any ? null : new PolicySnapshot(Digest(bytes), [.. rules.OfType<Rule>()], masks, budgets);
        return new PolicyLoad(snapshot, tests, problems.Errors, problems.Warnings);
    }

    private static ImmutableArray<YamlNode> Entries(YamlNode? node)
    {
        if (node is null or YamlList)
            return node?.AsItems() ?? [];
        node.Problems.Error(node, $"must be a list, not {node.Describe}.");
        return [];
    }

    /// <summary>Read here, not by the typed getters, so that one bad name is reported once.</summary>
    private static string? NameOf(YamlNode node) => NameNode(node)?.Value;

    private static YamlScalar? NameNode(YamlNode node) => (node as YamlMap)?.Find("name") as YamlScalar;

    private static void RefuseSameNames(ImmutableArray<YamlNode> nodes)
    {
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var name in nodes.Select(NameNode).OfType<YamlScalar>())
        {
            if (!seen.TryAdd(name.Value, name.Line))
                name.Problems.Error(name, $"the name \"{name.Value}\" is already used in line {seen[name.Value]}.");
        }
    }
}
