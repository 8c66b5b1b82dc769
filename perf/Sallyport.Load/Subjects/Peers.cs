using System.Globalization;
using Sallyport.Testing.Postgres;
using Sallyport.Testing.Processes;
using Sallyport.Testing.Runners;

namespace Sallyport.Load.Subjects;

/// <summary>Starts the programs that the gateway is compared with, before any upstream on this machine.</summary>
public sealed class Peers
{
    private readonly LoadOptions _options;
    private readonly TemporaryFolder _folder;
    private readonly Certificates _certificates;
    private readonly string _verifier;

    /// <param name="options">Where the splice relay is, and how many connections each must take.</param>
    /// <param name="folder">For their configurations.</param>
    /// <param name="certificates">For who ends TLS.</param>
    /// <param name="verifier">The login's SCRAM verifier of PostgreSQL: from a password pgbouncer would derive one at each login.</param>
    public Peers(LoadOptions options, TemporaryFolder folder, Certificates certificates, string verifier)
    {
        _verifier = verifier;
        _options = options;
        _folder = folder;
        _certificates = certificates;
    }

    /// <summary>In the order in which they are compared.</summary>
    public static readonly string[] Names = ["splice", "haproxy", "pgbouncer"];

    /// <summary>Starts one of <see cref="Names"/>.</summary>
    public Task<Subject> StartAsync(string name, ConnectionTarget upstream) => name switch
    {
        "splice" => SpliceAsync(upstream),
        "haproxy" => HaproxyAsync(upstream),
        "pgbouncer" => PgbouncerAsync(upstream),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "No such peer."),
    };

    private Task<Subject> SpliceAsync(ConnectionTarget upstream)
    {
        var port = FreePort.Next();
        return Subject.StartAsync("splice", upstream with { Port = port }, null, _options.Splice, Text(port), Text(upstream.Port));
    }

    private Task<Subject> HaproxyAsync(ConnectionTarget upstream)
    {
        var (port, tlsPort) = (FreePort.Next(), FreePort.Next());
        var file = _folder[$"haproxy-{port}.cfg"];
        File.WriteAllText(file, string.Create(CultureInfo.InvariantCulture, $"""
            global
              nbthread 1
              maxconn {_options.ManyConnections + 50}
            defaults
              mode tcp
              timeout connect 5s
              timeout client 1h
              timeout server 1h
            listen postgres
              bind 127.0.0.1:{port}
              bind 127.0.0.1:{tlsPort} ssl crt {_certificates.Bundle} alpn postgresql
              server postgres 127.0.0.1:{upstream.Port}

            """));
        return Subject.StartAsync("haproxy", upstream with { Port = port }, _certificates.Direct(upstream with { Port = tlsPort }),
            "haproxy", "-db", "-f", file);
    }

    private Task<Subject> PgbouncerAsync(ConnectionTarget upstream)
    {
        var port = FreePort.Next();
        var (file, users) = (_folder[$"pgbouncer-{port}.ini"], _folder["users.txt"]);
        File.WriteAllText(users, $"\"{upstream.User}\" \"{_verifier}\"\n");
        File.WriteAllText(file, string.Create(CultureInfo.InvariantCulture, $"""
            [databases]
            * = host=127.0.0.1 port={upstream.Port}
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {port}
            listen_backlog = 4096
            unix_socket_dir =
            auth_type = scram-sha-256
            auth_file = {users}
            pool_mode = session
            max_client_conn = {_options.ManyConnections + 50}
            default_pool_size = {_options.ManyConnections + 50}
            server_reset_query = DISCARD ALL
            log_connections = 0
            log_disconnections = 0

            """));
        // It refuses to run as root, and the user it runs as must see its files.
        File.SetUnixFileMode(_folder.FullPath, (UnixFileMode)0b111_101_101);
        var (program, arguments) = PostgresInstallation.AsServerUser("pgbouncer", file);
        return Subject.StartAsync("pgbouncer", upstream with { Port = port }, null, program, arguments);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
