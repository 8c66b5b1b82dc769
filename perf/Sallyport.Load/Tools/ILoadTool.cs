using Sallyport.Load.Measuring;
using Sallyport.Load.Subjects;
using Sallyport.Load.Wire;

namespace Sallyport.Load.Tools;

/// <summary>A program that puts many clients' load on a subject. All run the same transaction (<see cref="Transaction"/>).</summary>
public interface ILoadTool
{
    Task<LoadResult> RunAsync(Subject subject, LoadPlan plan);
}

/// <summary>What a tool is asked for.</summary>
/// <param name="Clients">Connections.</param>
/// <param name="Mode">The protocol of the transactions.</param>
/// <param name="Window">What is measured, after a warm-up of a third of it; connecting is outside.</param>
/// <param name="PerSecond">
/// Null: closed loop, each client waits for its answer. A rate: open loop, and a latency counts from when the transaction was due.
/// </param>
public sealed record LoadPlan(int Clients, QueryMode Mode, TimeSpan Window, double? PerSecond = null)
{
    public TimeSpan WarmUp => Window / 3;
}
