using System.Collections.Immutable;
using Sallyport.Core;

namespace Sallyport.Policy.Rules;

/// <summary>One entry of <c>budgets</c>, compiled.</summary>
internal sealed record BudgetRule
{
    public required int Index { get; init; }

    public required ImmutableArray<WhoSelector> Who { get; init; }

    public ImmutableArray<WhoSelector> Except { get; init; } = [];

    public required OnSelector On { get; init; }

    public required Budget Budget { get; init; }

    public bool AppliesTo(Principal principal, Resource resource) =>
        On.Matches(resource) && Who.Any(w => w.Matches(principal)) && !Except.Any(w => w.Matches(principal));
}
