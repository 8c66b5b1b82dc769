using System.Diagnostics;
using Sallyport.Load.Measuring;
using Sallyport.Testing.Processes;
using Sallyport.Testing.Runners;

namespace Sallyport.Load.Subjects;

/// <summary>One way to reach the same server: where clients connect, and the process whose CPU and memory count.</summary>
public sealed class Subject : IAsyncDisposable
{
    private readonly IAsyncDisposable? _owned;

    public Subject(string name, ConnectionTarget target, int? processId, IAsyncDisposable? owned = null)
    {
        Name = name;
        Target = target;
        ProcessId = processId;
        Meter = new ProcessMeter(processId);
        _owned = owned;
    }

    public string Name { get; }

    public ConnectionTarget Target { get; }

    /// <summary>Where it takes TLS from the first byte (sslnegotiation=direct); null when it does not.</summary>
    public ConnectionTarget? TlsTarget { get; init; }

    /// <summary>The proxy's process; null for the server itself, whose cost is the base of all.</summary>
    public int? ProcessId { get; }

    public ProcessMeter Meter { get; }

    /// <summary>Whether the process can tell what it allocates.</summary>
    public bool IsDotnet { get; init; }

    /// <summary>From the start of the process until its port accepted.</summary>
    public TimeSpan StartedIn { get; init; }

    /// <summary>Starts a proxy program and waits for its port.</summary>
    public static async Task<Subject> StartAsync(
        string name, ConnectionTarget target, ConnectionTarget? tlsTarget, string program, params string[] arguments)
    {
        var started = Stopwatch.GetTimestamp();
        var proxy = new ProxyProcess(Command.Start(program, arguments));
        if (await FreePort.WaitUntilOpenAsync(target.Port, () => proxy.HasExited, TimeSpan.FromSeconds(10)))
            return new Subject(name, target, proxy.Id, proxy) { StartedIn = Stopwatch.GetElapsedTime(started), TlsTarget = tlsTarget };
        await proxy.DisposeAsync();
        throw new InvalidOperationException($"{name} does not listen on {target.Port}:\n{proxy.Log}");
    }

    public ValueTask DisposeAsync() => _owned?.DisposeAsync() ?? ValueTask.CompletedTask;
}
