using Sallyport.Core;

namespace Sallyport.Approvals;

/// <content>A ticket's second life: approved, it is used once, or lapses, or is replaced; one atomic exchange says which.</content>
internal sealed partial class HeldCommand
{
    private const int Unspent = 0;
    private const int Spent = 1;
    private const int Lapsed = 2;

    private int _spent;
    private Task<bool>? _useSaved;

    private bool IsUsable => Hold.IsTicket && Outcome?.State == HoldState.Approved;

    /// <summary>Uses an approved ticket up; true for exactly one call.</summary>
    public bool TryUse()
    {
        if (!IsUsable || IsOver || Interlocked.CompareExchange(ref _spent, Spent, Unspent) != Unspent)
            return false;
        Volatile.Write(ref _useSaved, SaveAsync(Outcome! with { State = HoldState.Used }));
        return true;
    }

    /// <summary>Whether the store knows of the use; the ticket is forgotten then.</summary>
    public async Task<bool> ConfirmUseAsync()
    {
        if (Volatile.Read(ref _useSaved) is not { } saving)
            return false;
        var saved = await saving;
        _book.Remove(this);
        return saved;
    }

    /// <summary>Takes a ticket back, approved or not: its rule has changed, so its approval would answer nothing.</summary>
    public void Replace()
    {
        if (!End(HoldState.Withdrawn, Reasons.Replaced) && IsUsable)
            Lapse(HoldState.Withdrawn, Reasons.Replaced);
    }

    private void Lapse(HoldState state, string reason)
    {
        if (Interlocked.CompareExchange(ref _spent, Lapsed, Unspent) == Unspent)
            _ = KeepLapsedAsync(Outcome! with { State = state, Reason = reason });
        else
            _book.Remove(this);
        Volatile.Read(ref _timer)?.Dispose();
    }

    private async Task KeepLapsedAsync(HoldOutcome outcome)
    {
        if (await SaveAsync(outcome))
            _book.Remove(this);
        else
            await KeepSavingAsync(outcome);
    }
}
