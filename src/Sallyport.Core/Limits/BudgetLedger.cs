namespace Sallyport.Core;

/// <summary>
/// What the principals of this gateway have used of their budgets, shared by their sessions. An account is found by the budget's name, so
/// it outlives a reload; it is kept while a session uses it or anything counts. Bounded: beyond <see cref="MaxAccounts"/> no new one is
/// opened, and who would need it is refused. The lock is taken when a session meets its budgets, never to count. Thread-safe.
/// </summary>
public sealed class BudgetLedger
{
    public const int MaxAccounts = 65_536;

    private readonly Lock _gate = new();
    private readonly Dictionary<Key, Account> _accounts = [];
    private readonly int _maxAccounts;

    /// <param name="time">The clock.</param>
    /// <param name="maxAccounts">How many accounts there may be at once.</param>
    public BudgetLedger(TimeProvider time, int maxAccounts = MaxAccounts)
    {
        Time = time;
        _maxAccounts = maxAccounts;
    }

    internal TimeProvider Time { get; }

    /// <summary>Opens or finds a principal's account; to be closed as often. Null when there are too many.</summary>
    internal RollingCount? Open(string principal, Budget budget, BudgetMeasure measure)
    {
        lock (_gate)
        {
            var span = budget.SpanOf(measure);
            var key = new Key(budget.Name, principal.ToUpperInvariant(), measure);
            if (!_accounts.TryGetValue(key, out var account))
            {
                if (_accounts.Count >= _maxAccounts)
                    ForgetIdle();
                if (_accounts.Count >= _maxAccounts)
                    return null;
                _accounts[key] = account = new Account(new RollingCount(span, Time));
            }
            // Another span begins with all that the old one still held: the stricter reading of what is no longer known in detail.
            if (account.Count.Span != span)
                account.Count = new RollingCount(span, Time, account.Count.Sum);
            account.Users++;
            return account.Count;
        }
    }

    internal void Close(string principal, string budget, BudgetMeasure measure)
    {
        lock (_gate)
            _accounts[new Key(budget, principal.ToUpperInvariant(), measure)].Users--;
    }

    private void ForgetIdle()
    {
        foreach (var (key, account) in _accounts)
        {
            if (account.Users == 0 && account.Count.Sum == 0)
                _accounts.Remove(key);
        }
    }

    private readonly record struct Key(string Budget, string Principal, BudgetMeasure Measure);

    private sealed class Account(RollingCount count)
    {
        public RollingCount Count { get; set; } = count;

        public int Users { get; set; }
    }
}
