using System.Collections.Immutable;
using Sallyport.Core;
using Sallyport.Policy.Rules;
using Sallyport.Policy.Yaml;

namespace Sallyport.Policy.Reading;

/// <summary>
/// Warns of rules that can never decide: those whose <c>except</c> takes back all of <c>who</c>, and those where another,
/// stricter rule always matches too. Finds what is sure, not all there is.
/// </summary>
internal static class Shadowing
{
    public static void Warn(IReadOnlyList<Rule?> rules, ImmutableArray<YamlNode> nodes)
    {
        for (var i = 0; i < rules.Count; i++)
        {
            if (rules[i] is not { } rule)
                continue;
            if (rule.Who.All(w => rule.Except.Any(e => e == w || e.Kind == WhoKind.Everyone)))
                nodes[i].Problems.Warn(nodes[i], $"{rule.Name} never matches: \"except\" takes back all of \"who\".");
            else if (rules.FirstOrDefault(other => other is not null && Hides(other, rule)) is { } stricter)
            {
                var by = $"{stricter.Name} ({YamlScalars.Spell(stricter.Then)})";
                nodes[i].Problems.Warn(nodes[i], $"{rule.Name} never decides: {by} always matches too and is stricter.");
            }
        }
    }

    private static bool Hides(Rule stricter, Rule rule) =>
        stricter.Then > rule.Then && !stricter.Observes && stricter.Except.IsEmpty && stricter.If.IsEmpty &&
        stricter.On.Includes(rule.On) &&
        (stricter.Who.Any(static w => w.Kind == WhoKind.Everyone) || rule.Who.All(stricter.Who.Contains)) &&
        (stricter.Do is null ? stricter.Then == DecisionKind.Deny : rule.Do is { } named && stricter.Do.Includes(named));
}
