using System.Collections.Immutable;
using Sallyport.Core;
using Sallyport.Policy.Rules;
using Sallyport.Policy.Yaml;

namespace Sallyport.Policy.Reading;

/// <summary>
/// Reads the <c>if</c> of a rule. A pattern that cannot be read is an error, never a condition that silently never matches.
/// </summary>
internal static class ConditionReader
{
    private const int LongestPattern = 1000;
    private const string CommandForm = "is not words with closed quotes, such as systemctl status *.";
    private const string DestinationForm = "is not host:port, such as db1:5432, *.internal:443, 10.0.0.0/8:22 or [fd00::/8]:*.";
    private static readonly string[] NotYet = ["pod"];

    public static ObjectConditions Read(YamlNode? node, DecisionKind then)
    {
        if (node?.AsMap() is not { } map)
            return ObjectConditions.None;
        var allows = then == DecisionKind.Allow;
        var conditions = new ObjectConditions
        {
            Where = Where(map.Find("where")),
            Relation = Names(map.Find("relation"), allows),
            Function = Names(map.Find("function"), allows),
            Schema = Globs(map.Find("schema")),
            Column = Globs(map.Find("column")),
            Role = Globs(map.Find("role")),
            Setting = Globs(map.Find("setting")),
            Database = Globs(map.Find("database")),
            Path = Patterns(map.Find("path"), static text => new PathPattern(text), ""),
            Command = Patterns(map.Find("command"), CommandPattern.Parse, CommandForm),
            Destination = Patterns(map.Find("destination"), DestinationPattern.Parse, DestinationForm),
            Line = Patterns(map.Find("line"), static text => text, ""),
        };
        RefuseNotYet(map);
        if (map.Entries.IsEmpty)
            map.Problems.Error(map, "has no condition; leave it out.");
        map.RefuseOthers();
        return conditions;
    }

    private static void RefuseNotYet(YamlMap map)
    {
        foreach (var key in NotYet)
        {
            if (map.Has(key))
            {
                map.Problems.Error(
                    map.Find(key)!,
                    $"\"{key}\" is not supported by this version, so the rule would not mean what it says. " +
                    "Supported: where, relation, function, schema, column, role, setting, database, path, command, destination, line.");
            }
        }
    }

    private static WhereClause? Where(YamlNode? node)
    {
        switch ((node as YamlScalar)?.Value)
        {
            case "missing":
                return WhereClause.Missing;
            case "present":
                return WhereClause.Present;
            default:
                node?.RefuseChoice(["missing", "present"]);
                return null;
        }
    }

    private static ImmutableArray<NamePattern>? Names(YamlNode? node, bool allows) =>
        node is null ? null : SelectorReader.NotEmpty(node, item => Name(item, allows));

    private static NamePattern? Name(YamlNode node, bool allows)
    {
        if (Pattern(node) is not { } text)
            return null;
        var pattern = NamePattern.Parse(text, allows);
        if (pattern is null)
            node.Problems.Error(node, $"\"{text}\" is not name or schema.name. Put a part with odd characters in double quotes.");
        return pattern;
    }

    private static ImmutableArray<Glob>? Globs(YamlNode? node) =>
        node is null ? null : SelectorReader.NotEmpty(node, static item => Pattern(item) is { } text ? new Glob(text) : null);

    private static ImmutableArray<T>? Patterns<T>(YamlNode? node, Func<string, T?> parse, string form)
        where T : class
    {
        return node is null ? null : SelectorReader.NotEmpty(node, Parsed);

        T? Parsed(YamlNode item)
        {
            if (Pattern(item) is not { } text)
                return null;
            var pattern = parse(text);
            if (pattern is null)
                item.Problems.Error(item, $"\"{text}\" {form}");
            return pattern;
        }
    }

    private static string? Pattern(YamlNode node)
    {
        var text = node.AsText();
        if (text is not { Length: > LongestPattern })
            return text;
        node.Problems.Error(node, $"is longer than {LongestPattern} characters.");
        return null;
    }
}
