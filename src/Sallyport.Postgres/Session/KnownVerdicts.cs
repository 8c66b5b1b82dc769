using System.Runtime.CompilerServices;
using Sallyport.Postgres.Catalogue;
using Sallyport.Postgres.Sql;

namespace Sallyport.Postgres.Session;

/// <summary>A command that was let pass at once, and what the verdict was made from.</summary>
/// <param name="facts">What it does.</param>
/// <param name="inputs">As they were when it was judged.</param>
/// <param name="judgement">The verdict.</param>
/// <param name="scope">What its names were taken to mean.</param>
internal sealed class KnownVerdict(SqlFacts facts, in VerdictInputs inputs, Judgement judgement, RelationScope? scope)
{
    private readonly VerdictInputs _inputs = inputs;

    public SqlFacts Facts { get; } = facts;

    public Judgement Judgement { get; } = judgement;

    public RelationScope? Scope { get; } = scope;

    public bool IsStill(in VerdictInputs inputs) => _inputs.AreSame(inputs);
}

/// <summary>The last of one session's verdicts that let a command pass at once, by its facts. For one thread; finding allocates nothing.</summary>
internal sealed class KnownVerdicts
{
    // The commands that a session runs again and again are few. A long text is kept alive by nobody but the shared cache.
    private const int Slots = 32;
    private const int MaxText = 4096;

    private KnownVerdict?[]? _verdicts;

    public KnownVerdict? Find(SqlFacts facts, in VerdictInputs inputs)
    {
        if (_verdicts is not { } verdicts)
            return null;
        var slot = SlotOf(facts);
        var found = verdicts[slot];
        if (found is null || !ReferenceEquals(found.Facts, facts))
            found = verdicts[slot ^ 1];
        return found is not null && ReferenceEquals(found.Facts, facts) && found.IsStill(inputs) ? found : null;
    }

    /// <summary>Two commands that fall on one slot share it and its neighbour.</summary>
    public void Keep(KnownVerdict verdict)
    {
        if (verdict.Facts.Text.Length > MaxText)
            return;
        _verdicts ??= new KnownVerdict?[Slots];
        var slot = SlotOf(verdict.Facts);
        if (_verdicts[slot] is { } other && !ReferenceEquals(other.Facts, verdict.Facts))
            _verdicts[slot ^ 1] = other;
        _verdicts[slot] = verdict;
    }

    private static int SlotOf(SqlFacts facts) => RuntimeHelpers.GetHashCode(facts) & (Slots - 1);
}
