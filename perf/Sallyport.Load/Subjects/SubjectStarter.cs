using System.Globalization;
using Sallyport.Testing.Gateway;
using Sallyport.Testing.Postgres;
using Sallyport.Testing.Processes;

namespace Sallyport.Load.Subjects;

/// <summary>Starts the subjects, all before the same PostgreSQL, which trusts its clients so that only the way differs.</summary>
public static class SubjectStarter
{
    private const string PassAll = """
        version: 1
        rules:
          - { name: all, who: everyone, on: bench, do: [read, write, create, alter, drop, session, transaction], then: allow }
        """;

    public static Task<PostgresServer> StartPostgresAsync(LoadOptions options) => PostgresServer.StartAsync(new PostgresOptions
    {
        Authentication = "trust",
        Configuration = "max_connections = 2500\nshared_buffers = 512MB\njit = off\nmax_parallel_workers_per_gather = 0\nautovacuum = off",
        Seed = string.Create(CultureInfo.InvariantCulture, $"""
            create table pgbench_accounts (aid int primary key, bid int, abalance int, filler char(84));
            insert into pgbench_accounts select i, 1, 0, '' from generate_series(1, 100000) i;
            create table wide (id int, a text, b text, c text, d text, e text);
            insert into wide select i, md5(i::text), md5((i + 1)::text), 'user' || i || '@example.com', '4111111111111111', 'note ' || i
              from generate_series(1, {options.WideRows}) i;
            vacuum analyze;
            select sum(abalance) from pgbench_accounts;
            """),
    });

    /// <summary>How to start each wanted subject, in the order they are compared.</summary>
    public static List<Func<Task<Subject>>> Wanted(LoadOptions options, PostgresServer postgres, TemporaryFolder folder)
    {
        var all = new List<(string Name, Func<Task<Subject>> Start)>
        {
            ("haproxy", () => HaproxyAsync(postgres, folder)),
            ("pgbouncer", () => PgbouncerAsync(postgres, folder)),
        };
        if (options.Gateway is not null)
            all.Add(("gateway", () => GatewayAsync(options, postgres)));
        return [
            () => Task.FromResult(new Subject("direct", postgres.Target, processId: null)),
            .. all.Where(subject => options.Only.Count == 0 || options.Only.Contains(subject.Name)).Select(subject => subject.Start),
        ];
    }

    private static Task<Subject> HaproxyAsync(PostgresServer postgres, TemporaryFolder folder)
    {
        var port = FreePort.Next();
        File.WriteAllText(folder["haproxy.cfg"], string.Create(CultureInfo.InvariantCulture, $"""
            global
              nbthread 1
              maxconn 4000
            defaults
              mode tcp
              timeout connect 5s
              timeout client 1h
              timeout server 1h
            listen postgres
              bind 127.0.0.1:{port}
              server postgres 127.0.0.1:{postgres.Port}

            """));
        return Subject.StartAsync("haproxy", postgres.Target with { Port = port }, "haproxy", "-db", "-f", folder["haproxy.cfg"]);
    }

    private static Task<Subject> PgbouncerAsync(PostgresServer postgres, TemporaryFolder folder)
    {
        var port = FreePort.Next();
        File.WriteAllText(folder["users.txt"], "\"postgres\" \"postgres\"\n");
        File.WriteAllText(folder["pgbouncer.ini"], string.Create(CultureInfo.InvariantCulture, $"""
            [databases]
            * = host=127.0.0.1 port={postgres.Port}
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {port}
            unix_socket_dir =
            auth_type = trust
            auth_file = {folder["users.txt"]}
            pool_mode = session
            max_client_conn = 4000
            default_pool_size = 1200
            server_reset_query = DISCARD ALL
            log_connections = 0
            log_disconnections = 0

            """));
        Directory.CreateDirectory(folder.FullPath);
        File.SetUnixFileMode(folder.FullPath, (UnixFileMode)0b111_101_101);
        var (program, arguments) = PostgresInstallation.AsServerUser("pgbouncer", folder["pgbouncer.ini"]);
        return Subject.StartAsync("pgbouncer", postgres.Target with { Port = port }, program, arguments);
    }

    private static async Task<Subject> GatewayAsync(LoadOptions options, PostgresServer postgres)
    {
        var configuration = string.Create(CultureInfo.InvariantCulture, $$"""
            listen: { postgres: "127.0.0.1:{port}" }
            data: {folder}/data
            policy: {folder}/policy.yaml
            limits: { sessions: 5000, connectionsPerSource: 5000 }
            identity:
              principals:
                - { name: load, kind: person, groups: [load], secret: "env:LOAD_SECRET" }
            resources:
              - name: bench
                postgres:
                  upstream: "127.0.0.1:{{postgres.Port}}"
                  database: postgres
                  user: postgres
                  password: "env:LOAD_SECRET"
                  tls: disable

            """);
        var policy = options.Policy is null ? PassAll : await File.ReadAllTextAsync(options.Policy);
        var environment = new Dictionary<string, string?> { ["LOAD_SECRET"] = "load-secret-of-some-length" };
        var gateway = await GatewayProcess.StartAsync(configuration, policy, environment, options.Gateway);
        return new Subject("gateway", gateway.Target("load", "load-secret-of-some-length", "bench"), gateway.ProcessId, gateway) { IsDotnet = true };
    }
}
