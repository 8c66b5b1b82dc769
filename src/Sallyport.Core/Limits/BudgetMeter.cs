using System.Collections.Immutable;

namespace Sallyport.Core;

/// <summary>
/// Counts one session against its budgets. Two threads use it: that of the client's side, which alone adopts budgets and asks, and that
/// of the upstream's side, which counts rows. Counting takes no lock and allocates nothing until a limit is reached.
/// </summary>
public sealed class BudgetMeter : IDisposable
{
    private readonly BudgetLedger _ledger;
    private readonly string _principal;
    private volatile BudgetLine[] _lines = [];

    public BudgetMeter(BudgetLedger ledger, string principal)
    {
        _ledger = ledger;
        _principal = principal;
    }

    public bool CountsRead { get; private set; }

    public bool CountsWritten { get; private set; }

    /// <summary>Goes over to these budgets. What was counted under a name goes on under that name.</summary>
    public void Adopt(ImmutableArray<Budget> budgets)
    {
        var old = _lines;
        _lines = [.. from budget in budgets from measure in Enum.GetValues<BudgetMeasure>() where budget.LimitOf(measure) is not null
                     select new BudgetLine(budget, measure, CountOf(budget, measure, old))];
        CountsRead = budgets.Any(static b => b.RowsRead is not null);
        CountsWritten = budgets.Any(static b => b.RowsWritten is not null);
        Close(old);
    }

    /// <summary>Counts statements, which count whether or not they pass, and says which budget refuses them, or null.</summary>
    /// <param name="statements">How many; none only asks whether rows are left.</param>
    /// <param name="touches">They do more than control the session or its transaction.</param>
    /// <param name="writes">They do more than read.</param>
    public BudgetSpent? Ask(int statements, bool touches, bool writes)
    {
        BudgetSpent? spent = null;
        foreach (var line in _lines)
        {
            var isOver = line.Measure switch
            {
                BudgetMeasure.StatementsPerMinute => statements > 0 && !line.Add(statements),
                BudgetMeasure.RowsRead => touches && line.IsUsedUp,
                _ => writes && line.IsUsedUp,
            };
            if (isOver)
                spent = line.Refuse(spent);
        }
        return spent;
    }

    /// <summary>Counts a row that the client is to get. When it must not, says which budget forbids it, and the row is not counted.</summary>
    public BudgetSpent? Read()
    {
        var spent = Count(BudgetMeasure.RowsRead, 1);
        if (spent is not null)
            Count(BudgetMeasure.RowsRead, -1);
        return spent;
    }

    /// <summary>Counts rows that were written. When they are too many, says for which budget; they stay counted.</summary>
    public BudgetSpent? Wrote(long rows) => Count(BudgetMeasure.RowsWritten, rows);

    /// <summary>Takes back rows that were counted as written and will not be.</summary>
    public void Undo(long rows) => Count(BudgetMeasure.RowsWritten, -rows);

    /// <summary>The first budget that limits written rows, for what writes rows that nobody counts; null when none is enforced.</summary>
    public BudgetSpent? Uncountable()
    {
        BudgetSpent? spent = null;
        foreach (var line in _lines)
        {
            if (line.Measure == BudgetMeasure.RowsWritten)
                spent = line.Refuse(spent);
        }
        return spent;
    }

    /// <summary>Limits of budgets in observe mode that were reached and not told of yet: each once, until there is room again.</summary>
    public ImmutableArray<BudgetSpent> TakeObserved()
    {
        ImmutableArray<BudgetSpent> observed = [];
        foreach (var line in _lines)
        {
            if (line.TakeObserved() is { } spent)
                observed = observed.Add(spent);
        }
        return observed;
    }

    public void Dispose()
    {
        var old = _lines;
        _lines = [];
        Close(old);
    }

    private BudgetSpent? Count(BudgetMeasure measure, long count)
    {
        BudgetSpent? spent = null;
        foreach (var line in _lines)
        {
            if (line.Measure == measure && !line.Add(count) && count > 0)
                spent = line.Refuse(spent);
        }
        return spent;
    }

    private RollingCount? CountOf(Budget budget, BudgetMeasure measure, BudgetLine[] old)
    {
        if (budget.Per == BudgetScope.Principal)
            return _ledger.Open(_principal, budget, measure);
        var span = budget.SpanOf(measure);
        var known = old.FirstOrDefault(l => l.Budget.Name == budget.Name && l.Budget.Per == budget.Per && l.Measure == measure)?.Count;
        return known?.Span == span && known is not null ? known : new RollingCount(span, _ledger.Time, known?.Sum ?? 0);
    }

    private void Close(BudgetLine[] lines)
    {
        foreach (var line in lines)
        {
            if (line is { Budget.Per: BudgetScope.Principal, Count: not null })
                _ledger.Close(_principal, line.Budget.Name, line.Measure);
        }
    }
}
