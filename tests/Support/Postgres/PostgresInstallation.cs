using Sallyport.Testing.Processes;

namespace Sallyport.Testing.Postgres;

/// <summary>
/// The programs of one PostgreSQL version, and a cluster of it made once per machine and copied for every server:
/// initdb takes seconds, the copy a fraction of one. Servers refuse to run as root, so root runs them as the user postgres.
/// </summary>
public sealed class PostgresInstallation
{
    private readonly string _root;

    private PostgresInstallation(PostgresVersion version)
    {
        _root = version == PostgresVersion.Fifteen
            ? "/usr/lib/postgresql/15"
            : Path.Combine(Repository.NodeModules, "@embedded-postgres", "linux-x64", "native");
        if (!File.Exists(Program("postgres")))
            throw new InvalidOperationException($"{Program("postgres")} is missing: ./test installs what the tests need.");
        Template = Path.Combine(Path.GetTempPath(), $"sallyport-cluster-{(int)version}-{Environment.UserName}");
        if (version == PostgresVersion.Eighteen)
            LibraryPath = Path.Combine(_root, "lib");
    }

    /// <summary>Debian's PostgreSQL 15.</summary>
    public static PostgresInstallation Fifteen => field ??= new(PostgresVersion.Fifteen);

    /// <summary>npm's PostgreSQL 18, with its own libpq.</summary>
    public static PostgresInstallation Eighteen => field ??= new(PostgresVersion.Eighteen);

    /// <summary>What LD_LIBRARY_PATH must hold to use this version's libpq; null for the system's own.</summary>
    public string? LibraryPath { get; }

    internal string Template { get; }

    public static PostgresInstallation Of(PostgresVersion version) => version == PostgresVersion.Fifteen ? Fifteen : Eighteen;

    internal string Program(string name) => Path.Combine(_root, "bin", name);

    internal Dictionary<string, string?> ProcessEnvironment() => new() { ["LD_LIBRARY_PATH"] = LibraryPath, ["LC_ALL"] = "C.UTF-8" };

    /// <summary>The command line that runs a program as a user the server accepts.</summary>
    public static (string Program, string[] Arguments) AsServerUser(params string[] command) => Environment.IsPrivilegedProcess
        ? ("setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups", "--", .. command])
        : (command[0], command[1..]);

    /// <summary>Puts a fresh cluster with superuser postgres, password postgres, into a folder that does not exist yet.</summary>
    internal async Task CopyClusterAsync(string folder)
    {
        // Two test processes may make the template at once: each makes its own, and renaming decides.
        const string script = """
            set -e; umask 077
            if [ ! -d "$1" ]; then
              new=$(mktemp -d "$1.XXXXXX"); echo postgres >"$new/password"
              "$3" -D "$new/data" -U postgres --pwfile="$new/password" -A scram-sha-256 -E UTF8 --no-locale --no-sync >/dev/null
              rm "$new/password"; mv -T "$new/data" "$1" 2>/dev/null || true; rm -rf "$new"
            fi
            cp -a --reflink=auto "$1" "$2"
            """;
        var (program, arguments) = AsServerUser("sh", "-c", script, "sh", Template, folder, Program("initdb"));
        (await Command.RunAsync(program, arguments, ProcessEnvironment())).OrThrow("Making a cluster");
    }
}
