using System.Globalization;
using Sallyport.Testing.Gateway;
using Sallyport.Testing.Postgres;
using Sallyport.Testing.Processes;
using Sallyport.Testing.Runners;
using Sallyport.Testing.Wire;

namespace Sallyport.EndToEnd.Tests.Gateway.Corpus;

/// <summary>The corpus's database behind a gateway with one principal for each policy, named like it.</summary>
public sealed class CorpusGateway : IAsyncLifetime
{
    private const string Rules = """
        version: 1
        rules:
          - { name: no-drop, who: no-drop, on: corpus, do: [read, write, create, alter, privilege, session, transaction], then: allow }
          - { name: require-where, who: require-where, on: corpus, do: [read, write, create, alter, drop, session, transaction], then: allow }
          - { name: where, who: require-where, on: corpus, do: [update, delete, merge], if: {where: missing}, then: deny }
          - { name: read-only, who: read-only, on: corpus, do: [read, session, transaction], then: allow }
          - { name: no-danger, who: no-danger, on: corpus, do: [read, write, create, alter, drop, privilege, session, transaction], then: allow }
          - { name: no-payroll, who: no-payroll, on: corpus, do: [read, write, create, alter, drop, session, transaction], then: allow }
          - { name: payroll, who: no-payroll, on: corpus, if: {relation: public.payroll}, then: deny }
          - { name: no-priv, who: no-priv, on: corpus, do: [read, write, create, alter, drop, session, transaction], then: allow }
          - { name: mask-pii, who: mask-pii, on: corpus, do: [read, write, create, alter, drop, privilege, session, transaction], then: allow }
          - { name: mask-all, who: mask-all, on: corpus, do: [read, write, create, alter, drop, privilege, server, session, transaction, opaque], then: allow }
          - { name: audit, who: audit, on: corpus, do: read, then: allow }
        masks:
          - { name: pii, on: corpus, who: [mask-pii, mask-all], columns: { public.customers.ssn: redact, public.customers.card_number: redact, public.customers.email: redact, public.customers.score: redact, public.people.ssn: redact, public.long_notes.ssn: redact } }
        """;

    private static readonly string[] Policies = ["no-drop", "require-where", "read-only", "no-danger", "no-payroll", "no-priv", "mask-pii", "mask-all"];

    private static readonly string Configuration = $$"""
        listen: { postgres: 127.0.0.1:{port}, admin: {folder}/admin.sock }
        data: {folder}/data
        policy: {folder}/policy.yaml
        recording: { watermark: 64MiB }
        identity:
          principals:
            - { name: audit, kind: person, groups: [audit, admin], secret: env:TEST_SECRET }
        {{string.Join('\n', Policies.Select(static p => $"    - {{ name: {p}, kind: person, groups: [{p}], secret: env:TEST_SECRET }}"))}}
        resources:
          - { name: corpus, postgres: { upstream: 127.0.0.1:{upstream}, database: corpus, user: postgres, password: env:UPSTREAM_PASSWORD, tls: disable, functions: ["tools.*"] } }
        """;

    /// <summary>No policy: past the gateway, as the same user that the gateway is.</summary>
    public const string Direct = "direct";

    private readonly Dictionary<string, RawPostgresClient> _shared = [];
    private PostgresServer _server = null!;
    private GatewayProcess _gateway = null!;

    public CorpusNames Names { get; private set; } = null!;

    public Task<RawPostgresClient> LoginAsync(string policy) => RawPostgresClient.LoginAsync(_gateway.Target(policy, ShopGateway.Secret, "corpus"));

    /// <summary>One session for all cases of a policy; a new one when the last was ended by what it was to bear.</summary>
    public async Task<RawPostgresClient> SharedAsync(string policy)
    {
        if (_shared.TryGetValue(policy, out var client))
        {
            try
            {
                await client.QueryAsync("rollback");
                return client;
            }
            catch (Exception e) when (e is IOException or EndOfStreamException)
            {
                await client.DisposeAsync();
            }
        }
        return _shared[policy] = policy == Direct ? await RawPostgresClient.LoginAsync(_server.Target with { Database = "corpus" }) : await LoginAsync(policy);
    }

    public Task<CommandResult> SallyportAsync(params string[] arguments) => GatewayProgram.RunAsync(
        [.. arguments, "--config", Path.Combine(_gateway.Folder, "sallyport.yaml")],
        new Dictionary<string, string?>(ShopGateway.Environment) { ["SALLYPORT_AS"] = "audit", ["SALLYPORT_SECRET"] = ShopGateway.Secret });

    public async Task InitializeAsync()
    {
        _server = await PostgresServer.StartAsync(new PostgresOptions { Seed = CorpusCase.Seed });
        _gateway = await GatewayProcess.StartAsync(
            Configuration.Replace("{upstream}", _server.Port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal), Rules, ShopGateway.Environment);
        Names = new CorpusNames(await TruthAsync("select relname from pg_class where oid = (select reltoastrelid from pg_class where relname = 'long_notes')"), await OidsAsync());
    }

    public async Task DisposeAsync()
    {
        foreach (var client in _shared.Values)
            await client.DisposeAsync();
        await _gateway.DisposeAsync();
        await _server.DisposeAsync();
    }

    private Task<string> TruthAsync(string sql) => _server.ExecuteAsync(sql, "corpus");

    private async Task<Dictionary<string, int>> OidsAsync()
    {
        var oids = new Dictionary<string, int>();
        foreach (var signature in CorpusCase.All.SelectMany(static c => c.Ops).Where(static o => o.TryGetProperty("F", out _)).Select(static o => o.GetProperty("F")[0].GetString()!))
            oids[signature] = int.Parse(await TruthAsync($"select '{signature}'::regprocedure::oid::int"), CultureInfo.InvariantCulture);
        return oids;
    }
}
