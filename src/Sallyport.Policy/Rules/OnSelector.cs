using System.Collections.Immutable;
using Sallyport.Core;

namespace Sallyport.Policy.Rules;

/// <summary>A label a resource must have, with any of the values.</summary>
internal sealed record LabelCondition(string Label, ImmutableArray<string> Values)
{
    public bool Matches(Resource resource) => resource.Labels.TryGetValue(Label, out var value) && Values.Contains(value);
}

/// <summary>
/// Which resources: any of <see cref="Names"/> (empty: any name), of any of <see cref="Kinds"/> (empty: any), with every label.
/// </summary>
internal sealed record OnSelector(
    ImmutableArray<string> Names, ImmutableArray<ResourceKind> Kinds, ImmutableArray<LabelCondition> Labels)
{
    public static readonly OnSelector Everything = new([], [], []);

    public bool IsEverything => Names.IsEmpty && Kinds.IsEmpty && Labels.IsEmpty;

    public bool Matches(Resource resource)
    {
        if (!Names.IsEmpty && !Names.Contains(resource.Name))
            return false;
        if (!Kinds.IsEmpty && !Kinds.Contains(resource.Kind))
            return false;
        return Labels.All(l => l.Matches(resource));
    }

    /// <summary>Whether every resource that <paramref name="other"/> selects is surely selected by this one.</summary>
    public bool Includes(OnSelector other) =>
        (Names.IsEmpty || (!other.Names.IsEmpty && other.Names.All(Names.Contains))) &&
        (Kinds.IsEmpty || (!other.Kinds.IsEmpty && other.Kinds.All(Kinds.Contains))) &&
        Labels.All(l => other.Labels.Any(o => o.Label == l.Label && o.Values.All(l.Values.Contains)));
}
