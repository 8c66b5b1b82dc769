using System.Collections.Immutable;
using Sallyport.Core;

namespace Sallyport.Tests.Support;

/// <summary>A decider that admits everybody but those it names.</summary>
internal sealed class Admitting : IDecider
{
    private readonly string[] _barred;

    public Admitting(params string[] barred) => _barred = barred;

    public string Snapshot => "0123456789abcdef";

    public Decision Decide(Facts facts, Principal principal, Resource resource, INameResolver? names) => new(DecisionKind.Allow, "test");

    public bool Admits(Principal principal, Resource resource) => !_barred.Contains(principal.Name);

    public MaskSet MasksFor(Principal principal, Resource resource) => MaskSet.None;

    public ImmutableArray<Budget> BudgetsFor(Principal principal, Resource resource) => [];
}
