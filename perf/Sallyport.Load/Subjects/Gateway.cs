using System.Globalization;
using Sallyport.Testing.Gateway;
using Sallyport.Testing.Postgres;
using Sallyport.Testing.Runners;

namespace Sallyport.Load.Subjects;

/// <summary>
/// Starts the gateway with all its guardrails on: commands are read and decided, answers recorded (buffered), two columns masked. Three
/// resources: bench is the real PostgreSQL; canned and masked are the canned upstream, without masks and with them.
/// </summary>
public sealed class Gateway
{
    private const string Policy = """
        version: 1
        rules:
          - { name: all, who: everyone, on: everything, do: [read, write, create, alter, drop, session, transaction], then: allow }
        masks:
          - name: personal
            on: [bench, masked]
            columns: { public.accounts.email: email, public.accounts.card: last4, public.wide.c: email, public.wide.d: last4 }
        """;

    private readonly LoadOptions _options;
    private readonly Certificates _certificates;
    private readonly PostgresServer _postgres;
    private readonly CannedUpstream _canned;

    public Gateway(LoadOptions options, Certificates certificates, PostgresServer postgres, CannedUpstream canned)
    {
        _options = options;
        _certificates = certificates;
        _postgres = postgres;
        _canned = canned;
    }

    /// <summary>Starts a process and gives a subject for each named resource; the first owns the process.</summary>
    public async Task<Subject[]> StartAsync(ConnectionTarget login, params (string Name, string Resource)[] subjects)
    {
        var policy = _options.Policy is null ? Policy : await File.ReadAllTextAsync(_options.Policy);
        var environment = new Dictionary<string, string?> { ["LOAD_SECRET"] = login.Password };
        var process = await GatewayProcess.StartAsync(Configuration(login.User), policy, environment, _options.Gateway);
        return [.. subjects.Select((subject, i) =>
        {
            var target = process.Target(login.User, login.Password, subject.Resource);
            return new Subject(subject.Name, target, process.ProcessId, i == 0 ? process : null)
            {
                IsDotnet = true,
                StartedIn = process.StartedIn,
                TlsTarget = _certificates.Direct(target),
            };
        })];
    }

    private string Configuration(string user) => string.Create(CultureInfo.InvariantCulture, $$"""
        listen: { postgres: "127.0.0.1:{port}" }
        data: {folder}/data
        policy: {folder}/policy.yaml
        tls: { certificate: "{{_certificates.Certificate}}", key: "{{_certificates.Key}}" }
        limits: { sessions: 20000, connectionsPerSource: 20000 }
        recording: { reads: buffered, writes: buffered }
        identity:
          principals:
            - { name: {{user}}, kind: person, groups: [load], secret: "env:LOAD_SECRET" }
        resources:
        {{Resource("bench", user, _postgres.Port)}}
        {{Resource("canned", user, _canned.Port)}}
        {{Resource("masked", user, _canned.Port)}}

        """);

    private static string Resource(string name, string user, int port) => string.Create(CultureInfo.InvariantCulture,
        $$"""
          - name: {{name}}
            postgres: { upstream: "127.0.0.1:{{port}}", database: postgres, user: {{user}}, password: "env:LOAD_SECRET", tls: disable }
        """);
}
