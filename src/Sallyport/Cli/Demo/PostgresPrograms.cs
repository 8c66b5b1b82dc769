namespace Sallyport.Cli.Demo;

/// <summary>Where PostgreSQL's server programs are; installs them when it may, else says what to run.</summary>
internal static class PostgresPrograms
{
    private const string DebianFolder = "/usr/lib/postgresql";
    private const string Install = "apt-get install -y postgresql";
    private const string Update = "apt-get update";

    // Debian starts a server of its own at once and at every boot, unless told so before.
    private const string NoCluster =
        "cd /etc && mkdir -p postgresql-common && cd postgresql-common && " +
        "{ test -e createcluster.conf || echo create_main_cluster = false >createcluster.conf; }";

    private static readonly string[] Needed = ["initdb", "postgres", "psql", "pg_isready"];

    /// <summary>The folder that holds all of <see cref="Needed"/>; the newest version when there are several.</summary>
    public static async Task<string> FindOrInstallAsync(CliContext cli, CancellationToken stop)
    {
        if (Find(cli) is { } found)
            return found;
        if (!File.Exists("/usr/bin/apt-get") || await PrivilegeAsync(stop) is not { } prefix)
            throw new CliFailure(ExitCode.MissingProgram, "PostgreSQL's server programs (initdb, postgres) are not installed.",
                $"Run as root: {Update} && {Install}");
        string[] apt = [.. prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-o", "DPkg::Lock::Timeout=300"];
        cli.Error.WriteLine($"demo: installing PostgreSQL ({string.Join(' ', prefix.Append(Install))})");

        await ChildProcess.RunAsync([.. prefix, "/bin/sh", "-c", NoCluster], null, stop);

        // A fresh machine has no package lists; when they cannot be had, those that are there may still do.
        await ChildProcess.RunAsync([.. apt, "update"], null, stop);
        var result = await ChildProcess.RunAsync([.. apt, .. Install.Split(' ')[1..]], null, stop);
        if (result.ExitCode != 0 || Find(cli) is not { } installed)
            throw new CliFailure(ExitCode.MissingProgram, $"PostgreSQL could not be installed: {result.LastLine}",
                $"Run as root: {Update} && {Install}");
        return installed;
    }

    /// <summary>How a person starts psql here: by name when a shell finds it.</summary>
    public static string Client(string programs, CliContext cli) =>
        (cli.Variable("PATH") ?? "").Split(':').Any(static f => f.Length > 0 && File.Exists(Path.Combine(f, "psql"))) ? "psql" : Path.Combine(programs, "psql");

    private static string? Find(CliContext cli)
    {
        var folders = (cli.Variable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).ToList();
        if (Directory.Exists(DebianFolder))
            folders.AddRange(Directory.GetDirectories(DebianFolder).OrderByDescending(Version).Select(static f => Path.Combine(f, "bin")));
        return folders.FirstOrDefault(static f => Needed.All(n => File.Exists(Path.Combine(f, n))));
    }

    private static int Version(string folder) => int.TryParse(Path.GetFileName(folder), out var version) ? version : 0;

    /// <summary>What to put before a command to run it as root without being asked; null when that is not allowed.</summary>
    private static async Task<string[]?> PrivilegeAsync(CancellationToken stop)
    {
        if (Environment.IsPrivilegedProcess)
            return [];
        if (!File.Exists("/usr/bin/sudo"))
            return null;
        return (await ChildProcess.RunAsync(["sudo", "-n", "true"], null, stop)).ExitCode == 0 ? ["sudo", "-n"] : null;
    }
}
