namespace Sallyport.Core;

/// <summary>Whose use a budget counts together.</summary>
public enum BudgetScope : byte
{
    /// <summary>Each session by itself.</summary>
    Session,

    /// <summary>All sessions of one principal on this gateway.</summary>
    Principal,
}

/// <summary>What a budget limits.</summary>
public enum BudgetMeasure : byte
{
    StatementsPerMinute,
    RowsRead,
    RowsWritten,
}

/// <summary>How much one principal may do; a limit that is null is none. Immutable.</summary>
public sealed record Budget(string Name, BudgetScope Per)
{
    public int? RowsRead { get; init; }

    public int? RowsWritten { get; init; }

    public int? StatementsPerMinute { get; init; }

    /// <summary>How long a row counts; null is for the life of the session.</summary>
    public TimeSpan? Within { get; init; }

    public string? Message { get; init; }

    /// <summary><c>mode: observe</c>: records what it would have refused, and refuses nothing.</summary>
    public bool Observes { get; init; }

    /// <summary>How long what is measured counts; null is for the life of the session.</summary>
    public TimeSpan? SpanOf(BudgetMeasure measure) => measure == BudgetMeasure.StatementsPerMinute ? TimeSpan.FromMinutes(1) : Within;

    /// <summary>The limit on what is measured, or null.</summary>
    public int? LimitOf(BudgetMeasure measure) => measure switch
    {
        BudgetMeasure.RowsRead => RowsRead,
        BudgetMeasure.RowsWritten => RowsWritten,
        _ => StatementsPerMinute,
    };
}

/// <summary>A limit of a budget that is reached. <see cref="Renews"/> is after how long there is room again; null is never.</summary>
public sealed record BudgetSpent(Budget Budget, BudgetMeasure Measure, long Used, TimeSpan? Renews)
{
    public int Limit => Budget.LimitOf(Measure)!.Value;
}
