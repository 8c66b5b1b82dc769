namespace Sallyport.Core;

/// <summary>One limit of one budget, with the count it is held against; without a count nothing is left of it.</summary>
internal sealed class BudgetLine
{
    private const int Within = 0;
    private const int Reached = 1;
    private const int Told = 2;

    private readonly int _limit;
    private int _observed;

    /// <param name="budget">The budget.</param>
    /// <param name="measure">Which of its limits.</param>
    /// <param name="count">Null when the gateway counts for too many.</param>
    public BudgetLine(Budget budget, BudgetMeasure measure, RollingCount? count)
    {
        Budget = budget;
        Measure = measure;
        Count = count;
        _limit = budget.LimitOf(measure)!.Value;
    }

    public Budget Budget { get; }

    public BudgetMeasure Measure { get; }

    public RollingCount? Count { get; }

    public bool IsUsedUp => Count is null || Count.Sum >= _limit;

    /// <summary>Counts; false when it is past the limit now.</summary>
    public bool Add(long count)
    {
        var isOver = Count is null || Count.Add(count) > _limit;
        if (!isOver && Volatile.Read(ref _observed) == Told)
            Interlocked.CompareExchange(ref _observed, Within, Told);
        return !isOver;
    }

    /// <summary>The refusal that stands: the earlier one, or this line's; one that only observes notes it.</summary>
    public BudgetSpent? Refuse(BudgetSpent? earlier)
    {
        if (!Budget.Observes)
            return earlier ?? Spent();
        Interlocked.CompareExchange(ref _observed, Reached, Within);
        return earlier;
    }

    /// <summary>What observing found since it was last asked, or null.</summary>
    public BudgetSpent? TakeObserved() => Interlocked.CompareExchange(ref _observed, Told, Reached) == Reached ? Spent() : null;

    private BudgetSpent Spent() => new(Budget, Measure, Count?.Sum ?? 0, Count?.UntilBelow(_limit));
}
