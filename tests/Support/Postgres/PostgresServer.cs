using System.Diagnostics;
using System.Globalization;
using Sallyport.Testing.Processes;
using Sallyport.Testing.Runners;

namespace Sallyport.Testing.Postgres;

/// <summary>
/// A real, throw-away PostgreSQL on a free port of 127.0.0.1 and a unix socket, without fsync. Superuser and password: postgres.
/// It and its files are gone on dispose, and also when the test process dies.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private const UnixFileMode Everyone = (UnixFileMode)0b111_111_111;

    private readonly TemporaryFolder _folder = new("postgres");
    private readonly PostgresOptions _options;
    private readonly PostgresInstallation _installation;
    private TestAuthority? _authority;
    private Process? _process;

    private PostgresServer(PostgresOptions options)
    {
        _options = options;
        _installation = PostgresInstallation.Of(options.Version);
    }

    public int Port { get; private set; }

    /// <summary>The folder of the unix socket, where the superuser is trusted.</summary>
    public string SocketFolder => _folder.FullPath;

    /// <summary>The authority that signed the server's certificate; only with TLS.</summary>
    public TestAuthority Authority => _authority ?? throw new InvalidOperationException("The server was started without TLS.");

    /// <summary>The server's process, the parent of all back ends.</summary>
    public int ProcessId => _process!.Id;

    /// <summary>The superuser over TCP.</summary>
    public ConnectionTarget Target => new(_options.Tls ? "localhost" : "127.0.0.1", Port, "postgres", "postgres", "postgres")
    {
        SslMode = _options.Tls ? "verify-full" : "disable",
        RootCertificate = _authority?.RootFile,
    };

    public static async Task<PostgresServer> StartAsync(PostgresOptions? options = null)
    {
        var server = new PostgresServer(options ?? new PostgresOptions());
        try
        {
            await server.StartAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs SQL as the superuser past every authentication, and gives psql's unaligned rows.</summary>
    public async Task<string> ExecuteAsync(string sql, string database = "postgres")
    {
        string[] arguments =
            ["-X", "-At", "-q", "-v", "ON_ERROR_STOP=1", "-h", SocketFolder, "-p", PortText, "-U", "postgres", "-d", database];
        return (await Command.RunAsync("psql", arguments, input: sql)).OrThrow("SQL").Output.TrimEnd('\n');
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            // SIGQUIT: an immediate shutdown takes the back ends along, which SIGKILL would leave to notice by themselves.
            await Command.SignalAsync(_process.Id, "QUIT");
            await _process.WaitForExitAsync();
        }

        _process?.Dispose();
        _authority?.Dispose();
        _folder.Dispose();
    }

    private string PortText => Port.ToString(CultureInfo.InvariantCulture);

    private async Task StartAsync()
    {
        File.SetUnixFileMode(_folder.FullPath, Everyone);
        await _installation.CopyClusterAsync(_folder["data"]);
        await ConfigureAsync();
        var log = "";
        for (var attempt = 0; attempt < 5; attempt++)
        {
            if (await TryListenAsync(line => log += line + "\n"))
            {
                await SeedAsync();
                return;
            }
        }

        throw new InvalidOperationException($"PostgreSQL did not start:\n{log}");
    }

    private async Task<bool> TryListenAsync(Action<string> log)
    {
        Port = FreePort.Next();
        var (program, arguments) = PostgresInstallation.AsServerUser(
            _installation.Program("postgres"), "-D", _folder["data"], "-p", PortText, "-k", _folder.FullPath);
        _process = Command.Start(program, arguments, _installation.ProcessEnvironment());
        _process.ErrorDataReceived += (_, line) => log(line.Data ?? "");
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        return await FreePort.WaitUntilOpenAsync(Port, () => _process.HasExited, TimeSpan.FromSeconds(30)) && await ReadyAsync();
    }

    private async Task<bool> ReadyAsync()
    {
        for (var attempt = 0; attempt < 300 && !_process!.HasExited; attempt++)
        {
            if ((await Command.RunAsync("pg_isready", ["-q", "-h", SocketFolder, "-p", PortText])).ExitCode == 0)
                return true;
            await Task.Delay(20);
        }

        return false;
    }

    private async Task ConfigureAsync()
    {
        var configuration = $"""

            listen_addresses = '127.0.0.1'
            fsync = off
            synchronous_commit = off
            full_page_writes = off
            max_connections = 200
            log_min_messages = warning
            {_options.Configuration}

            """;
        if (_options.Tls)
        {
            _authority = new TestAuthority(_folder.FullPath);
            var (certificate, key) = _authority.Issue("localhost");
            await InstallAsync("server.crt", await File.ReadAllTextAsync(certificate));
            await InstallAsync("server.key", await File.ReadAllTextAsync(key));
            await InstallAsync("root.crt", await File.ReadAllTextAsync(_authority.RootFile));
            configuration += "ssl = on\nssl_ca_file = 'root.crt'\n";
        }

        await InstallAsync("postgresql.auto.conf", configuration);
        var kind = _options.Tls ? "hostssl" : "host";
        await InstallAsync("pg_hba.conf", $"local all all trust\n{_options.AccessRules}\n{kind} all all 127.0.0.1/32 {_options.Authentication}\n");
    }

    // The data folder belongs to another user when the tests run as root.
    private async Task InstallAsync(string name, string content)
    {
        var file = Path.Combine(_folder["data"], name);
        var (program, arguments) = PostgresInstallation.AsServerUser("sh", "-c", "umask 077; cat >\"$1\"", "sh", file);
        (await Command.RunAsync(program, arguments, input: content)).OrThrow($"Writing {name}");
    }

    private async Task SeedAsync()
    {
        if (_options.Authentication == "md5")
            await ExecuteAsync("set password_encryption = 'md5'; alter role postgres password 'postgres'");
        if (_options.Seed.Length > 0)
            await ExecuteAsync(_options.Seed);
    }
}
