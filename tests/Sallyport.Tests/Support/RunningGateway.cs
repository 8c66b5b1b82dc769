using System.Collections.Frozen;
using Microsoft.Extensions.Logging.Abstractions;
using Sallyport.Admin;
using Sallyport.Approvals;
using Sallyport.Core;
using Sallyport.Hosting.Sessions;
using Sallyport.Identity;
using Sallyport.Recording;
using Sallyport.Storage;

namespace Sallyport.Tests.Support;

/// <summary>
/// The admin API on a real socket over the real store, recorder, identity and broker. dana (oncall) approves, root (admin)
/// administers, bot-7 is an agent for ana; everybody's secret is <c>NAME-secret-of-20-characters</c>.
/// </summary>
internal sealed class RunningGateway : IAsyncDisposable
{
    private readonly SqliteStore _store;
    private readonly Recorder _recorder;
    private readonly IdentityVerifier _identity;
    private readonly HoldMetrics _metrics;
    private readonly AdminServer _admin;

    private RunningGateway(TemporaryFolder folder, SqliteStore store, Recorder recorder, IdentityVerifier identity, HoldMetrics metrics,
        ApprovalBroker broker, SessionRegistry registry, SessionOpener opener, AdminServer admin)
    {
        Folder = folder;
        _store = store;
        _recorder = recorder;
        _identity = identity;
        _metrics = metrics;
        Broker = broker;
        Registry = registry;
        Opener = opener;
        _admin = admin;
    }

    public TemporaryFolder Folder { get; }

    public ApprovalBroker Broker { get; }

    public SessionRegistry Registry { get; }

    public SessionOpener Opener { get; }

    public string Socket => Folder["a/admin.sock"];

    public static string SecretOf(string name) => $"{name}-secret-of-20-characters";

    public static Principal PrincipalOf(string name, string? onBehalfOf = null) =>
        new() { Name = name, OnBehalfOf = onBehalfOf, Proof = "test" };

    public static async Task<RunningGateway> StartAsync()
    {
        var folder = new TemporaryFolder();
        var store = SqliteStore.Open(folder["store.db"], TimeProvider.System).Store!;
        var recorder = Samples.OpenRecorder(folder["recording"], store.Segments);
        var salts = LoginSalts.LoadOrCreate(folder["salts.key"], out _)!;
        var identity = new IdentityVerifier(Principals(folder), store.Secrets, salts, TimeProvider.System);
        await identity.RefreshAsync(CancellationToken.None);
        var metrics = new HoldMetrics();
        var broker = new ApprovalBroker(store.Holds, TimeProvider.System, new ApprovalOptions(), new HoldFeed(), metrics);
        var registry = new SessionRegistry(100);
        Resource[] resources =
        [
            new Resource("shop", ResourceKind.Postgres, FrozenDictionary<string, string>.Empty),
            new Resource("web", ResourceKind.Ssh, FrozenDictionary<string, string>.Empty),
        ];
        var opener = new SessionOpener(resources, identity, new Admitting(), recorder, store.Sessions, broker, registry,
            TimeProvider.System,
            NullLogger<SessionOpener>.Instance);
        var services = new AdminServices
        {
            Identity = identity,
            Access = new AdminAccess(["admin"]),
            Registry = registry,
            Sessions = store.Sessions,
            Secrets = store.Secrets,
            Recordings = new RecordingSource(folder["recording"], recorder.FlushAsync, TimeProvider.System),
            Issuer = new SecretIssuer(identity, store.Secrets, salts, TimeProvider.System),
            Broker = broker,
            Decider = new Admitting(),
            Faults = static () => [],
            StartedAt = DateTimeOffset.UtcNow,
            Time = TimeProvider.System,
            Log = NullLogger.Instance,
        };
        var admin = AdminServer.Build(folder["a/admin.sock"], NullLoggerFactory.Instance);
        await admin.StartAsync(services, CancellationToken.None);
        return new RunningGateway(folder, store, recorder, identity, metrics, broker, registry, opener, admin);
    }

    /// <summary>Runs the command line against this gateway.</summary>
    public Task<CliRun> RunAsync(string name, params string[] args) => CliRun.RunAsync(
        [.. args, "--socket", Socket, "--as", name, "--secret-file", Folder[name + ".proof"]]);

    public Task<Session> OpenSessionAsync(string name, string? onBehalfOf = null) => OpenSessionAsync(name, onBehalfOf, "shop", ResourceKind.Postgres);

    public Task<Session> OpenSshSessionAsync(string name) => OpenSessionAsync(name, null, "web", ResourceKind.Ssh);

    private async Task<Session> OpenSessionAsync(string name, string? onBehalfOf, string resource, ResourceKind kind) =>
        (await Opener.OpenAsync(PrincipalOf(name, onBehalfOf), resource, kind, "127.0.0.1:4000", CancellationToken.None)).Session!;

    public async ValueTask DisposeAsync()
    {
        await _admin.DisposeAsync();
        await Broker.StopAsync();
        _metrics.Dispose();
        _identity.Dispose();
        await _recorder.DisposeAsync();
        await _store.DisposeAsync();
        Folder.Dispose();
    }

    private static IdentityOptions Principals(TemporaryFolder folder)
    {
        // What a client offers is apart from what the gateway is configured with, so that a test can offer something else.
        (string Name, PrincipalKind Kind, string[] Groups)[] all =
        [
            ("root", PrincipalKind.Person, ["admin"]),
            ("dana", PrincipalKind.Person, ["oncall"]),
            ("ana", PrincipalKind.Person, []),
            ("bot-7", PrincipalKind.Agent, ["agents"]),
        ];
        foreach (var (name, _, _) in all)
            folder.Write(name + ".proof", SecretOf(name) + "\n");
        return new IdentityOptions
        {
            Principals =
            [
                .. all.Select(p => new PrincipalOptions
                {
                    Name = p.Name,
                    Kind = p.Kind,
                    Groups = p.Groups,
                    Secret = new FileCredential(folder.Write(p.Name + ".secret", SecretOf(p.Name) + "\n")),
                }),
            ],
        };
    }
}
