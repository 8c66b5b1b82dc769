using Sallyport.Core;

namespace Sallyport.Postgres.Session;

/// <summary>
/// A command that went past a budget while it ran. The upstream's pump makes it and keeps it until the command is over; then the
/// client's pump, which waits for that, records it and does what is left to do.
/// </summary>
internal sealed class Overdraft
{
    /// <param name="spent">The budget.</param>
    /// <param name="rows">How many rows were written; 0 when it is about rows read, -1 when they cannot be counted.</param>
    public Overdraft(BudgetSpent spent, long rows)
    {
        Spent = spent;
        Rows = rows;
    }

    public BudgetSpent Spent { get; }

    public long Rows { get; }

    /// <summary>Nothing more of the command's answer goes to the client.</summary>
    public bool Swallows { get; init; }

    /// <summary>Ends when a cancel that was sent to the server can hit nothing any more.</summary>
    public Task Cancelling { get; init; } = Task.CompletedTask;

    /// <summary>The client was told.</summary>
    public bool IsTold { get; set; }

    /// <summary>What the server must be made to fail, so that its transaction fails with it; null when there is nothing to fail.</summary>
    public PendingKind? Poison { get; set; }
}
