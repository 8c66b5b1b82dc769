using System.Collections.Immutable;
using Sallyport.Core;
using Sallyport.Policy.Rules;
using Sallyport.Policy.Yaml;

namespace Sallyport.Policy.Reading;

/// <summary>Reads one entry of <c>masks</c>.</summary>
internal sealed class MaskReader
{
    private static readonly string[] NotYet = ["resource", "fields"];
    private readonly SelectorReader _selectors;

    public MaskReader(SelectorReader selectors) => _selectors = selectors;

    /// <summary>Null when something is wrong with it; it was reported.</summary>
    public MaskRule? Read(YamlNode node, int index)
    {
        if (node.AsMap() is not { } map)
            return null;
        var name = map.RequireText("name");
        var who = map.Find("who") is { } whom ? _selectors.Who(whom) : [new WhoSelector(WhoKind.Everyone, "")];
        var except = _selectors.Who(map.Find("except"));
        var on = _selectors.On(map.Require("on"));
        var columns = Columns(map.Map("columns"), name ?? "", map.Choice<PredicateUse>("predicates") ?? PredicateUse.Equality, map.Choice<DerivedUse>("derived") == DerivedUse.Deny);
        var detect = Detect(map.Find("detect"));
        var with = map.Find("with") is { } kind ? ReadMask(kind) : Mask.Redact;
        CheckParts(map, with);
        map.RefuseOthers();
        if (name is null || on is null || with is null)
            return null;
        return new MaskRule
        {
            Index = index,
            Name = name,
            Who = who,
            Except = except,
            On = on,
            Columns = columns,
            Detect = detect,
            With = with,
        };
    }

    /// <summary>The words of <c>derived</c>.</summary>
    private enum DerivedUse : byte
    {
        Mask,
        Deny,
    }

    private static void CheckParts(YamlMap map, Mask? with)
    {
        foreach (var key in (ReadOnlySpan<string>)["predicates", "derived"])
        {
            if (map.Find(key) is { } value && !map.Has("columns"))
                map.Problems.Error(value, $"\"{key}\" goes with \"columns\".");
        }
        foreach (var key in NotYet)
        {
            if (map.Find(key) is { } value)
                map.Problems.Error(
                    value, $"\"{key}\" is not supported by this version; nothing would be masked. Supported: columns, detect.");
        }
        if (!map.Has("columns") && !map.Has("detect") && !NotYet.Any(map.Has))
            map.Problems.Error(map, "needs \"columns\" or \"detect\".");
        if (map.Find("with") is { } kind && !map.Has("detect") && !NotYet.Any(map.Has))
            map.Problems.Error(kind, "\"with\" goes with \"detect\"; each column says its own mask.");
        else if (with?.Kind == MaskKind.Null)
            map.Problems.Error(map.Find("with")!, "null cannot stand for a part of a text; use redact.");
    }

    private static ImmutableArray<ColumnMask> Columns(YamlMap? map, string rule, PredicateUse predicates, bool refusesDerived)
    {
        if (map is null)
            return [];
        if (map.Entries.IsEmpty)
            map.Problems.Error(map, "names no column.");
        var columns = ImmutableArray.CreateBuilder<ColumnMask>();
        foreach (var (key, value) in map.Entries)
        {
            var mask = ReadMask(value);
            if (NamePattern.SplitQuoted(key.Value) is not { Length: 3 } parts || !parts.All(static p => p.IsLiteral))
                map.Problems.Error(key.Line, key.Column, value.Path, "a column is schema.relation.column, exactly, without *.");
            else if (mask is not null)
                columns.Add(new ColumnMask(parts[0].Literally, parts[1].Literally, parts[2].Literally, mask, rule) { Predicates = predicates, RefusesDerived = refusesDerived });
        }
        return columns.ToImmutable();
    }

    private static Mask? ReadMask(YamlNode node)
    {
        if (node is not YamlMap map)
            return ReadMaskKind(node);
        var value = map.RequireText("fixed");
        map.RefuseOthers();
        return value is null ? null : new Mask(MaskKind.Fixed, value);
    }

    private static Mask? ReadMaskKind(YamlNode node)
    {
        if (node is YamlScalar { Value: "fixed" })
        {
            node.Problems.Error(node, "fixed needs its value: {fixed: value}.");
            return null;
        }
        return node.AsChoice<MaskKind>() is { } kind ? new Mask(kind) : null;
    }

    private static Detectors Detect(YamlNode? node)
    {
        var detectors = Detectors.None;
        if (node is null)
            return detectors;
        var names = Enum.GetValues<Detectors>().Where(static d => d != Detectors.None).ToDictionary(YamlScalars.Spell);
        foreach (var item in SelectorReader.NotEmpty(node, static i => i))
        {
            if (item is YamlScalar scalar && names.TryGetValue(scalar.Value, out var detector))
                detectors |= detector;
            else
                item.RefuseChoice(names.Keys);
        }
        return detectors;
    }
}
