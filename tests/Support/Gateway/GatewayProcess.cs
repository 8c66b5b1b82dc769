using System.Diagnostics;
using System.Globalization;
using System.Text;
using Sallyport.Testing.Processes;
using Sallyport.Testing.Runners;

namespace Sallyport.Testing.Gateway;

/// <summary>
/// The built executable as users run it: a child process serving PostgreSQL on a free loopback port, with both its files and its data in
/// a folder of its own. Restarting it on the same folder is how crash recovery is tried.
/// </summary>
public sealed class GatewayProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new("gateway");
    private readonly StringBuilder _log = new();
    private Process? _process;

    private GatewayProcess()
    {
    }

    public int Port { get; private set; }

    public int ProcessId => _process!.Id;

    /// <summary>How long the last start took, from the process's beginning until its port accepted.</summary>
    public TimeSpan StartedIn { get; private set; }

    /// <summary>The folder of sallyport.yaml, policy.yaml and data.</summary>
    public string Folder => _folder.FullPath;

    /// <summary>What the gateway wrote to stderr and stdout so far.</summary>
    public string Log
    {
        get
        {
            lock (_log)
                return _log.ToString();
        }
    }

    /// <summary>
    /// Writes both files and starts. In <paramref name="configuration"/> the words {port} and {folder} are replaced by the port to
    /// listen on and the gateway's folder. Throws with the gateway's own words when it does not listen in time.
    /// </summary>
    public static async Task<GatewayProcess> StartAsync(
        string configuration, string policy, IReadOnlyDictionary<string, string?>? environment = null, string? executable = null)
    {
        var gateway = new GatewayProcess { Port = FreePort.Next() };
        var port = gateway.Port.ToString(CultureInfo.InvariantCulture);
        await File.WriteAllTextAsync(
            gateway._folder["sallyport.yaml"],
            configuration.Replace("{port}", port, StringComparison.Ordinal).Replace("{folder}", gateway.Folder, StringComparison.Ordinal));
        await File.WriteAllTextAsync(gateway._folder["policy.yaml"], policy);
        try
        {
            await gateway.RestartAsync(environment, executable);
            return gateway;
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts again on the same files, after <see cref="StopAsync"/> or <see cref="KillAsync"/>.</summary>
    public async Task RestartAsync(IReadOnlyDictionary<string, string?>? environment = null, string? executable = null)
    {
        var started = Stopwatch.GetTimestamp();
        _process = GatewayProgram.Start(["serve", "--config", _folder["sallyport.yaml"]], environment, executable);
        _process.StandardInput.Close();
        _process.OutputDataReceived += Collect;
        _process.ErrorDataReceived += Collect;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        if (!await FreePort.WaitUntilOpenAsync(Port, () => _process.HasExited, Patience))
            throw new InvalidOperationException($"The gateway does not listen on {Port}:\n{Log}");
        StartedIn = Stopwatch.GetElapsedTime(started);
    }

    /// <summary>Where clients connect: user is the principal, database the resource, password the issued secret.</summary>
    public ConnectionTarget Target(string principal, string secret, string resource) => new("127.0.0.1", Port, principal, secret, resource);

    /// <summary>Replaces the policy file; the gateway picks it up by itself or by <paramref name="signal"/>, e.g. HUP.</summary>
    public async Task WritePolicyAsync(string policy, string? signal = null)
    {
        await File.WriteAllTextAsync(_folder["policy.yaml"], policy);
        if (signal is not null)
            await SignalAsync(signal);
    }

    /// <summary>kill -9: no handler, no flush.</summary>
    public Task KillAsync() => EndAsync("KILL");

    /// <summary>An orderly stop; gives the exit code.</summary>
    public Task<int> StopAsync() => EndAsync("TERM");

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
            await KillAsync();
        _process?.Dispose();
        _folder.Dispose();
    }

    private async Task<int> EndAsync(string signal)
    {
        await SignalAsync(signal);
        using var patience = new CancellationTokenSource(Patience);
        await _process!.WaitForExitAsync(patience.Token);
        Reaper.Forget(_process.Id);
        return _process.ExitCode;
    }

    private Task SignalAsync(string signal) => Command.SignalAsync(ProcessId, signal);

    private void Collect(object sender, DataReceivedEventArgs line)
    {
        lock (_log)
            _log.AppendLine(line.Data);
    }
}
