using System.Globalization;
using Sallyport.Testing.Postgres;
using Sallyport.Testing.Processes;
using Sallyport.Testing.Runners;

namespace Sallyport.Load.Subjects;

/// <summary>Everything that a run needs, started: both upstreams and the subjects before each.</summary>
public sealed class Stage : IAsyncDisposable
{
    /// <summary>Clients, the gateway and PostgreSQL know the same login, by SCRAM on every leg: a login costs each its part.</summary>
    private const string User = "load";

    private const string Password = "load-secret-of-some-length";

    private readonly TemporaryFolder _folder;
    private readonly Certificates _certificates;
    private readonly Peers _peers;
    private readonly Gateway? _gateway;

    private Stage(LoadOptions options, TemporaryFolder folder, PostgresServer postgres, CannedUpstream canned, string verifier)
    {
        Options = options;
        Postgres = postgres;
        Canned = canned;
        _folder = folder;
        _certificates = new Certificates(folder);
        _peers = new Peers(options, folder, _certificates, verifier);
        _gateway = options.Gateway is null || !options.Wants("gateway") ? null : new Gateway(options, _certificates, postgres, canned);
    }

    public LoadOptions Options { get; }

    public PostgresServer Postgres { get; }

    public CannedUpstream Canned { get; }

    /// <summary>Before the real PostgreSQL, itself first. The gateway masks.</summary>
    public List<Subject> Real { get; } = [];

    /// <summary>Before the canned upstream, itself first; the gateway twice, without masks and with them.</summary>
    public List<Subject> BeforeCanned { get; } = [];

    public ConnectionTarget CannedTarget => new("127.0.0.1", Canned.Port, User, Password, "postgres");

    private ConnectionTarget RealTarget => CannedTarget with { Port = Postgres.Port };

    public static async Task<Stage> StartAsync(LoadOptions options)
    {
        var folder = new TemporaryFolder("load");
        var postgres = await StartPostgresAsync(options);
        var canned = await CannedUpstream.StartAsync(postgres, options.CannedBytes);
        var verifier = await postgres.ExecuteAsync($"select rolpassword from pg_authid where rolname = '{User}'");
        var stage = new Stage(options, folder, postgres, canned, verifier);
        try
        {
            await stage.StartSubjectsAsync();
            return stage;
        }
        catch
        {
            await stage.DisposeAsync();
            throw;
        }
    }

    /// <summary>The names of the proxies that may be started fresh before the canned upstream.</summary>
    public IEnumerable<string> Proxies => Peers.Names.Where(Options.Wants).Concat(_gateway is null ? [] : ["gateway"]);

    /// <summary>A process of its own, which no other load has grown, before the canned upstream; without masks.</summary>
    public async Task<Subject> StartFreshAsync(string name) => name == "gateway"
        ? (await _gateway!.StartAsync(CannedTarget, (name, "canned")))[0]
        : await _peers.StartAsync(name, CannedTarget);

    /// <summary>Until PostgreSQL has let go of the last load's connections, or it is its ending of processes that is measured.</summary>
    public async Task SettleAsync()
    {
        const string count = "select count(*) from pg_stat_activity where backend_type = 'client backend'";
        var before = "";
        while (await Postgres.ExecuteAsync(count) is var now && now != before)
        {
            before = now;
            await Task.Delay(100);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var subject in Real.Concat(BeforeCanned))
            await subject.DisposeAsync();
        Canned.Dispose();
        await Postgres.DisposeAsync();
        _certificates.Dispose();
        _folder.Dispose();
    }

    private async Task StartSubjectsAsync()
    {
        Real.Add(new Subject("direct", RealTarget, processId: null));
        BeforeCanned.Add(new Subject("direct", CannedTarget, processId: null));
        foreach (var name in Peers.Names.Where(Options.Wants))
        {
            Real.Add(await _peers.StartAsync(name, RealTarget));
            BeforeCanned.Add(await _peers.StartAsync(name, CannedTarget));
        }

        if (_gateway is null)
            return;
        var gateways = await _gateway.StartAsync(
            RealTarget, ("gateway", "bench"), ("gateway, recorded", "canned"), ("gateway, masked", "masked"));
        Real.Add(gateways[0]);
        BeforeCanned.AddRange(gateways[1..]);
    }

    private static Task<PostgresServer> StartPostgresAsync(LoadOptions options) => PostgresServer.StartAsync(new PostgresOptions
    {
        AccessRules = "host all postgres 127.0.0.1/32 trust",
        Configuration = """
            max_connections = 2500
            shared_buffers = 512MB
            jit = off
            max_parallel_workers_per_gather = 0
            autovacuum = off
            """,
        Seed = string.Create(CultureInfo.InvariantCulture, $"""
            create role {User} superuser login password '{Password}';
            create table accounts (aid int primary key, abalance int, email text, card text);
            insert into accounts select i, 0, 'user' || i || '@example.com', '4111111111111111' from generate_series(1, 100000) i;
            create table wide (id int, a text, b text, c text, d text, e text);
            insert into wide select i, md5(i::text), md5((i + 1)::text), 'user' || i || '@example.com', '4111111111111111',
              rpad('note ' || i, 42, '.') from generate_series(1, {options.WideRows}) i;
            create unlogged table sink (id int, a text, b text, c text, d text, e text);
            vacuum analyze;
            select sum(abalance) from accounts;
            select sum(id) from wide;
            """),
    });
}
