using System.Globalization;
using Sallyport.Testing.Postgres;
using Sallyport.Testing.Processes;

namespace Sallyport.Testing.Runners;

/// <summary>Runs a real client against a target and gives back what it saw. A client that hangs is killed and named.</summary>
public static class ClientRunner
{
    private const string PgJdbc = "/usr/share/java/postgresql.jar";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    public static async Task<ClientResult> RunAsync(ClientKind client, Scenario scenario, ConnectionTarget target)
    {
        var name = scenario.ToString().ToLowerInvariant();
        var (program, arguments) = client switch
        {
            ClientKind.Psql or ClientKind.PsqlOnLibpq18 => ("psql", PsqlArguments("-f", Program("psql", name + ".sql"))),
            ClientKind.Psycopg2 => Python("psycopg2_client.py", name),
            ClientKind.Psycopg3 => Python("psycopg3_client.py", name),
            ClientKind.Asyncpg => Python("asyncpg_client.py", name),
            ClientKind.NodePg => ("node", [Program("node", "client.cjs"), name]),
            ClientKind.Jdbc => ("java", ["-XX:TieredStopAtLevel=1", "-cp", PgJdbc, Program("jdbc", "Main.java"), name]),
            _ => throw new ArgumentOutOfRangeException(nameof(client)),
        };
        var libraryPath = client == ClientKind.PsqlOnLibpq18 ? PostgresInstallation.Eighteen.LibraryPath : null;
        return await RunAsync(program, arguments, target, libraryPath);
    }

    /// <summary>psql with a script on its stdin, on the given libpq (null: the system's).</summary>
    public static Task<ClientResult> PsqlAsync(string script, ConnectionTarget target, string? libraryPath = null) =>
        RunAsync("psql", PsqlArguments("-f", "-"), target, libraryPath, script);

    /// <summary>pg_dump of the target's whole database as SQL.</summary>
    public static Task<ClientResult> PgDumpAsync(ConnectionTarget target, params string[] arguments) =>
        RunAsync("pg_dump", arguments, target, libraryPath: null);

    /// <summary>pgbench; <c>-i</c> fills its tables first, <c>-M prepared -t 100</c> runs.</summary>
    public static Task<ClientResult> PgBenchAsync(ConnectionTarget target, params string[] arguments) =>
        RunAsync("pgbench", arguments, target, libraryPath: null);

    private static string[] PsqlArguments(params string[] more) => ["-X", "-At", .. more];

    private static string Program(string folder, string file) => Path.Combine(Repository.Clients, folder, file);

    // Debian's interpreter, where the apt packages are; another python3 may come first in PATH.
    private static (string, string[]) Python(string file, string scenario) =>
        ("/usr/bin/python3", ["-B", Program("python", file), scenario]);

    private static async Task<ClientResult> RunAsync(
        string program, string[] arguments, ConnectionTarget target, string? libraryPath, string input = "")
    {
        var environment = target.ToEnvironment();
        environment["LD_LIBRARY_PATH"] = libraryPath;
        environment["NODE_PATH"] = Repository.NodeModules;
        environment["PYTHONIOENCODING"] = "utf-8";
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            return ClientResult.From(await Command.RunAsync(program, arguments, environment, input, patience.Token));
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException(string.Create(CultureInfo.InvariantCulture, $"{program} {arguments[^1]} hung for {Patience}."));
        }
    }
}
