using Sallyport.Load.Measuring;
using Sallyport.Load.Subjects;
using Sallyport.Load.Wire;

namespace Sallyport.Load.Tools;

/// <summary>The client of this program: one thread for all connections.</summary>
public sealed class OwnTool : ILoadTool
{
    public async Task<LoadResult> RunAsync(Subject subject, LoadPlan plan)
    {
        using var clients = await ClientGroup.OpenAsync(subject.Target, plan.Clients, plan.Mode);
        return plan.PerSecond is { } rate
            ? clients.RunOpen(rate, plan.WarmUp, plan.Window, subject.Meter)
            : clients.RunClosed(plan.WarmUp, plan.Window, subject.Meter);
    }
}
