using Microsoft.Extensions.Time.Testing;

namespace Sallyport.Core.Tests.Limits;

public sealed class BudgetMeterTests
{
    private static readonly Budget Pace = new("pace", BudgetScope.Session) { StatementsPerMinute = 3 };
    private static readonly Budget Rows = new("rows", BudgetScope.Principal) { RowsRead = 5, RowsWritten = 2, Within = TimeSpan.FromHours(1) };

    private readonly FakeTimeProvider _time = new();
    private readonly BudgetLedger _ledger;

    public BudgetMeterTests() => _ledger = new BudgetLedger(_time);

    private BudgetMeter Meter(string principal, params Budget[] budgets)
    {
        var meter = new BudgetMeter(_ledger, principal);
        meter.Adopt([.. budgets]);
        return meter;
    }

    private static int ReadUntilRefused(BudgetMeter meter, out BudgetSpent spent)
    {
        for (var rows = 0; ; rows++)
        {
            if (meter.Read() is { } refused)
            {
                spent = refused;
                return rows;
            }
        }
    }

    [Fact]
    public void StatementsAreRefusedBeyondTheirNumberUntilItIsQuietForAMinute()
    {
        using var meter = Meter("ana", Pace);
        Assert.Null(meter.Ask(2, false, false));
        Assert.Null(meter.Ask(1, false, false));
        var spent = meter.Ask(1, false, false)!;
        Assert.Equal(("pace", BudgetMeasure.StatementsPerMinute, 3, 4L), (spent.Budget.Name, spent.Measure, spent.Limit, spent.Used));

        // What was refused counts too, so going on asking does not help.
        for (var i = 0; i < 100; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(5));
            Assert.NotNull(meter.Ask(1, false, false));
        }
        _time.Advance(meter.Ask(1, false, false)!.Renews!.Value);
        Assert.Null(meter.Ask(1, false, false));
    }

    [Fact]
    public void SessionsOfOnePrincipalShareWhatIsPerPrincipalAndNobodyElseDoes()
    {
        using var first = Meter("Ana", Rows);
        using var second = Meter("ana", Rows);
        using var other = Meter("bob", Rows);
        Assert.Null(first.Read());
        Assert.Null(first.Read());

        Assert.Equal(3, ReadUntilRefused(second, out var spent));
        Assert.Equal(BudgetMeasure.RowsRead, spent.Measure);
        Assert.Equal(0, ReadUntilRefused(first, out _));
        Assert.Equal(5, ReadUntilRefused(other, out _));
        _time.Advance(spent.Renews!.Value);
        Assert.Equal(5, ReadUntilRefused(first, out _));
    }

    [Fact]
    public void ASessionsOwnBudgetEndsWithTheSession()
    {
        var own = Rows with { Per = BudgetScope.Session, Within = null };
        using (var first = Meter("ana", own))
        {
            Assert.Equal(5, ReadUntilRefused(first, out var spent));
            Assert.Null(spent.Renews);
            Assert.NotNull(first.Ask(0, touches: true, writes: false));
            Assert.Null(first.Ask(0, touches: false, writes: false));
        }
        using var second = Meter("ana", own);
        Assert.Equal(5, ReadUntilRefused(second, out _));
    }

    [Fact]
    public void WrittenRowsAreCountedWhenItIsTooLateUnlessTheyAreUndone()
    {
        using var meter = Meter("ana", Rows);
        Assert.Null(meter.Wrote(1));
        Assert.Equal(41, meter.Wrote(40)!.Used);
        meter.Undo(40);
        Assert.Null(meter.Ask(1, touches: true, writes: true));
        Assert.Null(meter.Wrote(1));
        Assert.Equal(BudgetMeasure.RowsWritten, meter.Ask(1, touches: true, writes: true)!.Measure);
        Assert.Null(meter.Ask(1, touches: true, writes: false));
    }

    [Fact]
    public void OfSeveralBudgetsEachIsCountedAndTheFirstThatIsUsedUpRefuses()
    {
        using var meter = Meter("ana", Rows, Rows with { Name = "tight", RowsRead = 2 }, Rows with { Name = "tighter", RowsRead = 2 });
        Assert.Equal(2, ReadUntilRefused(meter, out var spent));
        Assert.Equal("tight", spent.Budget.Name);

        meter.Adopt([Rows]);
        Assert.Equal(3, ReadUntilRefused(meter, out spent));
        Assert.Equal("rows", spent.Budget.Name);
    }

    [Fact]
    public void AReloadKeepsWhatWasCountedUnderAName()
    {
        using var meter = Meter("ana", Rows, Pace);
        meter.Read();
        meter.Read();
        meter.Ask(3, false, false);

        meter.Adopt([Pace with { StatementsPerMinute = 4 }, Rows with { RowsRead = 3, Within = TimeSpan.FromHours(2) }]);
        Assert.Equal(1, ReadUntilRefused(meter, out _));
        Assert.Null(meter.Ask(1, false, false));
        Assert.NotNull(meter.Ask(1, false, false));

        // The rows of before count for the whole of the new span.
        _time.Advance(TimeSpan.FromMinutes(119));
        Assert.Equal(0, ReadUntilRefused(meter, out _));
        meter.Adopt([Rows with { Name = "other" }]);
        Assert.Equal(5, ReadUntilRefused(meter, out _));
    }

    [Fact]
    public void ObservingRefusesNothingAndTellsOnceUntilThereIsRoomAgain()
    {
        using var meter = Meter("ana", Rows with { Observes = true });
        for (var i = 0; i < 20; i++)
            Assert.Null(meter.Read());
        Assert.Equal(20, Assert.Single(meter.TakeObserved()).Used);
        Assert.Null(meter.Read());
        Assert.Empty(meter.TakeObserved());

        _time.Advance(TimeSpan.FromHours(2));
        Assert.Null(meter.Read());
        for (var i = 0; i < 5; i++)
            Assert.Null(meter.Read());
        Assert.Single(meter.TakeObserved());
    }

    [Fact]
    public void TheLedgerIsBoundedForgetsNothingThatCountsAndRefusesWhomItCannotCount()
    {
        var ledger = new BudgetLedger(_time, maxAccounts: 2);
        var budget = Rows with { RowsWritten = null };
        var meters = new List<BudgetMeter>();
        foreach (var name in (string[])["a", "b", "c"])
        {
            var meter = new BudgetMeter(ledger, name);
            meter.Adopt([budget]);
            meters.Add(meter);
        }
        Assert.Equal(5, ReadUntilRefused(meters[0], out _));
        Assert.Equal(0, ReadUntilRefused(meters[2], out var spent));
        Assert.Null(spent.Renews);
        meters.ForEach(static m => m.Dispose());

        // "a" has used its rows, "b" none: only b's account makes room.
        using var late = new BudgetMeter(ledger, "c");
        late.Adopt([budget]);
        Assert.Equal(5, ReadUntilRefused(late, out _));
        using var again = new BudgetMeter(ledger, "a");
        again.Adopt([budget]);
        Assert.Equal(0, ReadUntilRefused(again, out _));
    }

    [Fact]
    public void CountingAllocatesNothing()
    {
        using var meter = Meter("ana", Rows with { RowsRead = 1_000_000, RowsWritten = 1_000_000 }, Pace with { StatementsPerMinute = 1_000_000 });
        Use();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            Use();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Use()
        {
            meter.Ask(1, touches: true, writes: true);
            meter.Read();
            meter.Wrote(1);
        }
    }
}
