using System.Collections.Immutable;
using Sallyport.Core;
using Sallyport.Policy;

namespace Sallyport.Cli.Policies;

/// <summary>An explanation as <c>--json</c> prints it.</summary>
internal sealed record ExplainMessage
{
    public required string Principal { get; init; }

    public required PrincipalKind Kind { get; init; }

    public required ImmutableArray<string> Groups { get; init; }

    public string? OnBehalfOf { get; init; }

    public required string Resource { get; init; }

    public required ImmutableArray<Effect> Effects { get; init; }

    public required ImmutableArray<RuleTrace> Rules { get; init; }

    public required Decision Decision { get; init; }

    public required MaskSet Masks { get; init; }

    public required ImmutableArray<Budget> Budgets { get; init; }

    public static ExplainMessage From(PolicyExplanation explanation, Facts facts, Principal principal) => new()
    {
        Principal = principal.Name,
        Kind = principal.Kind,
        Groups = [.. principal.Groups.Order(StringComparer.Ordinal)],
        OnBehalfOf = principal.OnBehalfOf,
        Resource = explanation.Resource,
        Effects = facts.Effects,
        Rules = explanation.Rules,
        Decision = explanation.Decision,
        Masks = explanation.Masks,
        Budgets = explanation.Budgets,
    };
}
