using System.Collections.Immutable;

namespace Sallyport.Core;

/// <summary>
/// Facts and who asks → <see cref="Decision"/>. Synchronous, thread-safe, does no I/O, allocates nothing on a repeated allow.
/// Reads the snapshot that is current at the call; a reload is met by the next command.
/// </summary>
public interface IDecider
{
    /// <param name="facts">What the command does.</param>
    /// <param name="principal">Who asks.</param>
    /// <param name="resource">Of what.</param>
    /// <param name="names">How unqualified names resolve; null reads them as in schema <c>public</c>.</param>
    Decision Decide(Facts facts, Principal principal, Resource resource, INameResolver? names);

    /// <summary>Whether any rule could let this principal do anything there; otherwise the resource looks absent.</summary>
    bool Admits(Principal principal, Resource resource);

    /// <summary>The masks in force. The same reference until the policy changes: reference equality is the epoch.</summary>
    MaskSet MasksFor(Principal principal, Resource resource);

    /// <summary>The budgets in force, in the order of the file; empty when there are none.</summary>
    ImmutableArray<Budget> BudgetsFor(Principal principal, Resource resource);

    /// <summary>The first 16 hex digits of the policy's SHA-256. Another object for another policy, as <see cref="MasksFor"/>.</summary>
    string Snapshot { get; }
}

/// <summary>A column that is masked: <c>public.customers.card_number</c>. Names are exact, as stored in the catalogue.</summary>
public sealed record ColumnMask(string Schema, string Relation, string Column, Mask Mask, string Rule)
{
    public PredicateUse Predicates { get; init; } = PredicateUse.Equality;

    /// <summary>What is computed from the column is refused rather than masked.</summary>
    public bool RefusesDerived { get; init; }
}

/// <summary>All masks of one principal on one resource. <see cref="IsEmpty"/> sessions pay nothing for masking.</summary>
public sealed record MaskSet(ImmutableArray<ColumnMask> Columns, Detectors Detectors, Mask DetectorMask)
{
    public static readonly MaskSet None = new([], Detectors.None, Mask.Redact);

    public bool IsEmpty => Columns.IsEmpty && Detectors == Detectors.None;
}
