using System.Collections.Immutable;
using Sallyport.Core;

namespace Sallyport.Policy.Rules;

/// <summary>One entry of <c>masks</c>, compiled.</summary>
internal sealed record MaskRule
{
    public required int Index { get; init; }

    public required string Name { get; init; }

    public required ImmutableArray<WhoSelector> Who { get; init; }

    public ImmutableArray<WhoSelector> Except { get; init; } = [];

    public required OnSelector On { get; init; }

    public ImmutableArray<ColumnMask> Columns { get; init; } = [];

    public Detectors Detect { get; init; }

    public Mask With { get; init; } = Mask.Redact;

    public bool AppliesTo(Principal principal, Resource resource) =>
        On.Matches(resource) && Who.Any(w => w.Matches(principal)) && !Except.Any(w => w.Matches(principal));
}
