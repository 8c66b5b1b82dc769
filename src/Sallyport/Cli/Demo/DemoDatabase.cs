using System.Diagnostics;
using System.Globalization;
using Sallyport.Hosting;

namespace Sallyport.Cli.Demo;

/// <summary>
/// A PostgreSQL server of the demo's own, on loopback with SCRAM passwords. A child of this process, which the kernel ends when
/// this process dies. As root it runs as the user <c>postgres</c>, because the server refuses root.
/// </summary>
internal sealed class DemoDatabase : IAsyncDisposable
{
    private const string ServerUser = "postgres";
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);
    private readonly string _programs;
    private readonly DemoFolder _folder;
    private readonly int _port;
    private readonly string _cluster;
    private Process? _server;

    public DemoDatabase(string programs, DemoFolder folder, int port)
    {
        _programs = programs;
        _folder = folder;
        _port = port;
        _cluster = folder.Cluster;
    }

    /// <exception cref="CliFailure">It does not start; nothing is left running.</exception>
    public async Task StartAsync(CliContext cli, CancellationToken stop)
    {
        if (!File.Exists(Path.Combine(_cluster, "PG_VERSION")))
        {
            cli.Error.WriteLine($"demo: making a database in {DemoFolder.Show(_cluster)}");
            await InitialiseAsync(stop);
        }
        _server = await LaunchAsync();
        _server.OutputDataReceived += Log;
        _server.ErrorDataReceived += Log;
        _server.BeginOutputReadLine();
        _server.BeginErrorReadLine();
        await WaitAsync(stop);
        await SeedAsync(stop);
    }

    /// <summary>SIGINT is the server's fast shutdown (postgres(1)): it ends its sessions and writes everything down.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_server is null)
            return;
        if (!_server.HasExited)
        {
            await ChildProcess.SignalAsync(_server.Id, "INT", CancellationToken.None);
            using var limit = new CancellationTokenSource(StartLimit);
            try
            {
                await _server.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                _server.Kill(entireProcessTree: true);
            }
        }
        _server.Dispose();
        _server = null;
    }

    /// <summary>
    /// From a thread that lives as long as the server: the kernel counts the end of the launching thread, not of the process, as
    /// the parent's death (prctl(2), PR_SET_PDEATHSIG), and threads of the pool come and go.
    /// </summary>
    private Task<Process> LaunchAsync()
    {
        var launched = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                using var exited = new ManualResetEventSlim();
                var server = new Process { StartInfo = Server(), EnableRaisingEvents = true };
                server.Exited += (_, _) => exited.Set();
                server.Start();
                launched.SetResult(server);
                exited.Wait();
            }
            catch (Exception e)
            {
                launched.TrySetException(e);
            }
        })
        { IsBackground = true, Name = "demo database" };
        thread.Start();
        return launched.Task;
    }

    private ProcessStartInfo Server()
    {
        string[] command =
        [
            "setsid", .. AsServerUser("--pdeathsig", "INT"), Path.Combine(_programs, "postgres"), "-D", _cluster, "-p",
                _port.ToString(CultureInfo.InvariantCulture),
            "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "password_encryption=scram-sha-256",
        ];
        // A session of its own: Ctrl-C on the terminal is for the gateway, which ends the server when its sessions are closed.
        return new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/"
        };
    }

    /// <summary>
    /// setpriv asks the kernel to end the server with this process, so that not even a kill -9 of the demo leaves it. Not for what a
    /// thread of the pool starts: it would be ended with that thread.
    /// </summary>
    private static string[] AsServerUser(params string[] bound)
    {
        var isThere = File.Exists("/usr/bin/setpriv");
        if (!Environment.IsPrivilegedProcess)
            return isThere && bound.Length > 0 ? ["setpriv", .. bound] : [];
        if (!isThere)
            throw new CliFailure(ExitCode.MissingProgram, "setpriv is not installed, and PostgreSQL does not run as root.",
                "Run the demo as another user, or install util-linux.");
        return ["setpriv", .. bound, "--reuid", ServerUser, "--regid", ServerUser, "--clear-groups"];
    }

    private async Task InitialiseAsync(CancellationToken stop)
    {
        Directory.CreateDirectory(_cluster);
        var password = Path.Combine(_cluster + ".password");
        try
        {
            PrivateFiles.Write(password, DemoFolder.Read(_folder.OwnerSecret));
            if (Environment.IsPrivilegedProcess)
                await HandOverAsync(password, stop);
            string[] command =
            [
                .. AsServerUser(), Path.Combine(_programs, "initdb"), "-D", _cluster, "-U", "owner", "--pwfile", password, "-A",
                    "scram-sha-256",
                "-E", "UTF8", "--locale=C.UTF-8", "--no-sync",
            ];
            var result = await ChildProcess.RunAsync(command, null, stop);
            if (result.ExitCode != 0)
                throw new CliFailure(ExitCode.Failed, $"initdb failed: {result.LastLine}", "Remove the demo's folder and try again.");
        }
        catch
        {
            // Half a cluster would be taken for a whole one at the next start.
            Directory.Delete(_cluster, recursive: true);
            throw;
        }
        finally
        {
            File.Delete(password);
        }
    }

    /// <summary>The server's user must pass the demo's folder to reach its own, and may not read what else is there.</summary>
    private async Task HandOverAsync(string password, CancellationToken stop)
    {
        PrivateFiles.LetPass(_folder.Path);
        var result = await ChildProcess.RunAsync(["chown", $"{ServerUser}:", _cluster, password], null, stop);
        if (result.ExitCode != 0)
            throw new CliFailure(ExitCode.Failed, $"the user {ServerUser} cannot be given the database's folder: {result.LastLine}",
                "Run the demo as a user other than root.");
    }

    private async Task WaitAsync(CancellationToken stop)
    {
        var since = Stopwatch.StartNew();
        while (!(await ChildProcess.RunAsync([Path.Combine(_programs, "pg_isready"), "-h", "127.0.0.1", "-p",
            _port.ToString(CultureInfo.InvariantCulture)], null, stop)).IsOk)
        {
            if (_server!.HasExited || since.Elapsed > StartLimit)
                throw new CliFailure(ExitCode.Failed, "the database did not start.",
                    $"See {_folder.ServerLog}.");
            await Task.Delay(TimeSpan.FromMilliseconds(100), stop);
        }
    }

    private async Task SeedAsync(CancellationToken stop)
    {
        if ((await QueryAsync("postgres", $"select 1 from pg_database where datname = '{DemoFiles.Resource}'", stop)).Trim() == "1")
            return;
        var password = DemoFolder.Read(_folder.UpstreamSecret);
        await QueryAsync("postgres", $"create role {DemoFiles.UpstreamUser} login password '{password}'", stop);
        await QueryAsync("template1", $"create database {DemoFiles.Resource} owner {DemoFiles.UpstreamUser}", stop);
        try
        {
            await QueryAsync(DemoFiles.Resource, DemoSeed.Sql, stop);
        }
        catch
        {
            // Without its tables it would be taken for a seeded one at the next start.
            await QueryAsync("postgres", $"drop database {DemoFiles.Resource}; drop role {DemoFiles.UpstreamUser}", CancellationToken.None);
            throw;
        }
    }

    private async Task<string> QueryAsync(string database, string sql, CancellationToken stop)
    {
        var variables = new Dictionary<string, string>
        {
            ["PGPASSWORD"] = DemoFolder.Read(_folder.OwnerSecret),
            ["PGHOST"] = "127.0.0.1",
            ["PGPORT"] = _port.ToString(CultureInfo.InvariantCulture),
            ["PGUSER"] = "owner",
        };
        var result = await ChildProcess.RunAsync([Path.Combine(_programs, "psql"), "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", database, "-c",
            sql], variables, stop);
        return result.IsOk ? result.Out
            : throw new CliFailure(ExitCode.Failed, $"the database refused the demo's set-up: {result.LastLine}",
                $"See {_folder.ServerLog}.");
    }

    private void Log(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is { } text)
            File.AppendAllText(_folder.ServerLog, text + "\n");
    }
}
