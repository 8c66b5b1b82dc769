using System.Diagnostics;
using Sallyport.Testing.Processes;
using Sallyport.Testing.Runners;

namespace Sallyport.Load.Subjects;

/// <summary>One way to reach the same PostgreSQL: where clients connect, and the process whose CPU and memory count.</summary>
public sealed class Subject : IAsyncDisposable
{
    private readonly IAsyncDisposable? _owned;

    public Subject(string name, ConnectionTarget target, int? processId, IAsyncDisposable? owned = null)
    {
        Name = name;
        Target = target;
        ProcessId = processId;
        _owned = owned;
    }

    public string Name { get; }

    public ConnectionTarget Target { get; }

    /// <summary>The proxy's process; null for PostgreSQL itself, whose cost is the base of all.</summary>
    public int? ProcessId { get; }

    /// <summary>Whether the process can tell what it allocates.</summary>
    public bool IsDotnet { get; init; }

    /// <summary>Starts a proxy program and waits for its port.</summary>
    public static async Task<Subject> StartAsync(string name, ConnectionTarget target, string program, params string[] arguments)
    {
        var proxy = new ProxyProcess(Command.Start(program, arguments));
        if (await FreePort.WaitUntilOpenAsync(target.Port, () => proxy.HasExited, TimeSpan.FromSeconds(10)))
            return new Subject(name, target, proxy.Id, proxy);
        await proxy.DisposeAsync();
        throw new InvalidOperationException($"{name} does not listen on {target.Port}:\n{proxy.Log}");
    }

    public ValueTask DisposeAsync() => _owned?.DisposeAsync() ?? ValueTask.CompletedTask;

    private sealed class ProxyProcess : IAsyncDisposable
    {
        private readonly Process _process;

        public ProxyProcess(Process process)
        {
            _process = process;
            process.StandardInput.Close();
            process.OutputDataReceived += (_, line) => Log += line.Data + "\n";
            process.ErrorDataReceived += (_, line) => Log += line.Data + "\n";
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
        }

        public string Log { get; private set; } = "";

        public int Id => _process.Id;

        public bool HasExited => _process.HasExited;

        public async ValueTask DisposeAsync()
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
            _process.Dispose();
        }
    }
}
