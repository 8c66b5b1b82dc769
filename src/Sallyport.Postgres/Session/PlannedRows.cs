using Sallyport.Postgres.Masking;
using Sallyport.Postgres.Sql;

namespace Sallyport.Postgres.Session;

/// <summary>
/// How rows are masked, with all that it was made from: a client that asks for the same again, description and all, as most drivers do,
/// costs no second plan. Immutable.
/// </summary>
/// <param name="Guard">The masks.</param>
/// <param name="Facts">What runs; null when that is not known.</param>
/// <param name="Touches">Outputs of unknown origin are masked.</param>
/// <param name="Description">The body of the server's RowDescription; empty when the plan was made without one.</param>
/// <param name="Plan">The answer.</param>
internal sealed record PlannedRows(MaskGuard Guard, SqlFacts? Facts, bool Touches, byte[] Description, RowPlan Plan)
{
    public bool IsOf(MaskGuard guard, SqlFacts? facts, bool touches, ReadOnlySpan<byte> description) =>
        ReferenceEquals(Guard, guard) && ReferenceEquals(Facts, facts) && Touches == touches && description.SequenceEqual(Description);
}
