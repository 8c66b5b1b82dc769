using Sallyport.Core;
using Sallyport.Policy.Rules;
using Sallyport.Policy.Yaml;

namespace Sallyport.Policy.Reading;

/// <summary>Reads one entry of <c>rules</c>.</summary>
internal sealed class RuleReader
{
    private static readonly string[] Outcomes = ["allow", "deny", "hold"];
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(7);
    private static readonly Effect Shell = new(EffectKind.Server, "shell");
    private readonly SelectorReader _selectors;

    public RuleReader(SelectorReader selectors) => _selectors = selectors;

    /// <summary>Null when something is wrong with it; it was reported.</summary>
    public Rule? Read(YamlNode node, int index)
    {
        if (node.AsMap() is not { } map)
            return null;
        var name = map.RequireText("name");
        var who = _selectors.Who(map.Require("who"));
        var except = _selectors.Who(map.Find("except"));
        var on = _selectors.On(map.Require("on"));
        var then = Then(map.Require("then"));
        var named = _selectors.Do(map.Find("do"));
        var conditions = ConditionReader.Read(map.Find("if"), then ?? DecisionKind.Deny);
        var terms = ReadTerms(map, then);
        var message = ReadMessage(map, then);
        var observes = Observes(map.Find("mode"));
        var shell = map.Find("shell");
        map.RefuseOthers();
        if (name is null || on is null || then is null)
            return null;
        var rule = new Rule
        {
            Index = index,
            Name = name,
            Who = who,
            Except = except,
            On = on,
            Do = named,
            If = conditions,
            Then = then.Value,
            Terms = terms,
            Message = message,
            Observes = observes,
        };
        return shell is null ? rule : rule with { IsCommandMode = IsCommandMode(shell, rule) };
    }

    private static bool IsCommandMode(YamlNode node, Rule rule)
    {
        var names = default(NameMeanings);
        if ((node as YamlScalar)?.Value is not "command-mode")
            node.RefuseChoice(["command-mode"]);
        else if (rule.Then != DecisionKind.Allow)
            node.Problems.Error(node, $"\"shell\" goes with then: allow, not with then: {YamlScalars.Spell(rule.Then)}.");
        else if (!rule.Matches(Shell, null, ref names))
            node.Problems.Error(node, "\"shell\" says what shells are like, and this rule never allows one: \"do\" or \"if\" leaves it out.");
        return true;
    }

    private static DecisionKind? Then(YamlNode? node)
    {
        switch ((node as YamlScalar)?.Value)
        {
            case "allow":
                return DecisionKind.Allow;
            case "deny":
                return DecisionKind.Deny;
            case "hold":
                return DecisionKind.Hold;
            default:
                node?.RefuseChoice(Outcomes);
                return null;
        }
    }

    private static HoldTerms? ReadTerms(YamlMap map, DecisionKind? then)
    {
        var approvers = map.Find("approvers");
        var terms = new HoldTerms
        {
            Approvers = approvers is null ? [] : SelectorReader.NotEmpty(approvers, Approver),
            Count = map.Integer("count", 1, 20) ?? 1,
            Within = map.Duration("within", TimeSpan.FromSeconds(1), LongestWait) ?? TimeSpan.FromMinutes(10),
            WithinTransaction = map.Duration("withinTransaction", TimeSpan.Zero, TimeSpan.FromHours(1)) ?? TimeSpan.FromSeconds(60),
            Ticket = map.Flag("ticket") ?? false,
        };
        if (then == DecisionKind.Hold)
            CheckTerms(map, approvers, terms);
        else if (then is not null)
            RefuseTerms(map, then.Value);
        return then == DecisionKind.Hold ? terms : null;
    }

    private static void CheckTerms(YamlMap map, YamlNode? approvers, HoldTerms terms)
    {
        if (approvers is null)
            map.Problems.Error(map, "\"approvers\" is missing: nobody could let the command go.");
        else if (terms.Approvers.All(static a => a.StartsWith("user:", StringComparison.Ordinal)) &&
            terms.Approvers.Distinct(StringComparer.OrdinalIgnoreCase).Count() is > 0 and var people && people < terms.Count)
            map.Problems.Error(approvers, $"names {people} but \"count\" asks for {terms.Count}: the hold could never be approved.");
    }

    private static void RefuseTerms(YamlMap map, DecisionKind then)
    {
        foreach (var key in (ReadOnlySpan<string>)["approvers", "count", "within", "withinTransaction", "ticket"])
        {
            if (map.Find(key) is { } value)
                map.Problems.Error(value, $"\"{key}\" goes with then: hold, not with then: {YamlScalars.Spell(then)}.");
        }
    }

    private static string? Approver(YamlNode node)
    {
        if (node.AsText() is not { } text)
            return null;
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (text != "everyone" && (colon < 0 || (text.StartsWith("user:", StringComparison.Ordinal) && text.Length > colon + 1)))
            return text;
        node.Problems.Error(node, $"\"{text}\" cannot approve; name a group, or one person as user:name.");
        return null;
    }

    private static string? ReadMessage(YamlMap map, DecisionKind? then)
    {
        var (message, note) = (map.Text("message"), map.Text("note"));
        if (then == DecisionKind.Allow && map.Find("message") is { } unheard)
            map.Problems.Error(unheard, "\"message\" goes with then: deny or hold; an allowed command shows none.");
        return message ?? note;
    }

    /// <summary>Whether <c>mode</c> says to observe.</summary>
    internal static bool Observes(YamlNode? node)
    {
        var mode = (node as YamlScalar)?.Value;
        if (node is not null && mode is not ("enforce" or "observe"))
            node.RefuseChoice(["enforce", "observe"]);
        return mode == "observe";
    }
}
