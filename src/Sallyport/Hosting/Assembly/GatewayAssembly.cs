using System.Security.Cryptography;
using Microsoft.AspNetCore.Connections;
using Sallyport.Admin;
using Sallyport.Approvals;
using Sallyport.Core;
using Sallyport.Hosting.Certificates;
using Sallyport.Hosting.Configuration;
using Sallyport.Hosting.Network;
using Sallyport.Hosting.Reloading;
using Sallyport.Hosting.Sessions;
using Sallyport.Identity;
using Sallyport.Masking;
using Sallyport.Policy;
using Sallyport.Postgres;
using Sallyport.Postgres.Catalogue;
using Sallyport.Postgres.Session;
using Sallyport.Postgres.Sql;
using Sallyport.Postgres.Upstream;
using Sallyport.Recording;
using Sallyport.Storage;

namespace Sallyport.Hosting.Assembly;

/// <summary>
/// A whole gateway from one configuration: opens the store, the recording, the policy, the identities and the broker, in the order
/// in which they need one another, serves, and closes them in reverse. The one place where every project meets.
/// </summary>
internal sealed class GatewayAssembly : IAsyncDisposable
{
    private static readonly TimeSpan WatchInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RenewalInterval = TimeSpan.FromHours(12);

    // Closed from the last to the first.
    private readonly Stack<Func<ValueTask>> _closing = new();
    private readonly GatewayOptions _options;
    private readonly ILoggerFactory _loggers;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private ConfigurationReload? _configuration;
    private long _longestRecord;

    private GatewayAssembly(GatewayOptions options, ILoggerFactory loggers, TimeProvider time)
    {
        _options = options;
        _loggers = loggers;
        _time = time;
        _log = loggers.CreateLogger("Sallyport.Gateway");
    }

    /// <summary>Tells of every hold.</summary>
    public HoldFeed Holds { get; } = new();

    /// <summary>What clients give as <c>sslrootcert</c>.</summary>
    public string TrustFile => _configuration!.Certificate.TrustFile;

    /// <exception cref="StartFailure">Something is in the way; nothing is left running.</exception>
    public static async Task<GatewayAssembly> StartAsync(GatewayOptions options, ILoggerFactory loggers, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var gateway = new GatewayAssembly(options, loggers, time);
        try
        {
            await gateway.OpenAsync(cancellationToken);
            return gateway;
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        while (_closing.TryPop(out var close))
            await close();
    }

    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        MakeDataFolder();
        // The slowest steps, beside the others: each takes a good part of the start.
        var admin = Task.Run(() => AdminServer.Build(_options.Listen.AdminSocket, _loggers), cancellationToken);
        var certificate = Task.Run(() => ServerCertificate.Load(_options, _time), cancellationToken);
        var reader = Beside(() => SqlReader.Create(new SqlReaderOptions { Time = _time }), static r =>
        {
            r.Dispose();
            return ValueTask.CompletedTask;
        });
        var store = OpenStore();
        var recording = Beside(() => OpenRecorder(store.Segments), static r => r.DisposeAsync());
        var sql = await reader;
        var policy = OpenPolicy(sql, out var policyReload);
        var salts = LoginSalts.LoadOrCreate(Path.Combine(_options.Data, "login-salts.key"), out var saltError) ??
                    throw new StartFailure(StartFault.CannotUseFiles, saltError ?? "the login salts cannot be read.");
        var tokens = _options.Issuers.IsEmpty ? null : new OidcTokenVerifier(_options.Issuers, _time);
        var identity = Keep(new IdentityVerifier(_options.Identity, store.Secrets, salts, _time, tokens));
        await identity.RefreshAsync(cancellationToken);
        var configuration = _configuration = OpenConfiguration(await certificate, identity, policyReload);
        var broker = await StartBrokerAsync(store, cancellationToken);
        var recorder = await recording;
        if (recorder.Recovery is { } recovery)
            AssemblyLog.Recovered(_log, recovery);
        _longestRecord = recorder.MaxRecordBytes;
        var parts = new GatewayParts
        {
            Decider = policy,
            Recorder = recorder,
            Identity = identity,
            Issuer = new SecretIssuer(identity, store.Secrets, salts, _time),
            Broker = broker,
            Sessions = store.Sessions,
            Secrets = store.Secrets,
            Recordings = new RecordingSource(_options.RecordingFolder, recorder.FlushAsync, _time),
            Faults = () => [.. configuration.Faults, .. Faults(policy, recorder, store, identity)],
        };
        var host = await GatewayHost.StartAsync(_options, parts, await admin, opener => Listeners(parts, opener, sql, configuration), _loggers,
            _time, cancellationToken);
        _closing.Push(host.DisposeAsync);
        // Only the first handshakes wait for it, so listening did not.
        _ = configuration.Certificate.Context;
    }

    private void MakeDataFolder()
    {
        try
        {
            PrivateFiles.MakeFolder(_options.Data);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartFailure(StartFault.CannotUseFiles, $"the data folder {_options.Data} cannot be made: {e.Message}",
                "Make it writable for this user, or choose another with data: in sallyport.yaml.");
        }
    }

    private SqliteStore OpenStore()
    {
        var opened = SqliteStore.Open(Path.Combine(_options.Data, "state.db"), _time);
        if (opened.Store is not { } store)
        {
            throw new StartFailure(opened.Outcome == StoreOpenOutcome.Locked ? StartFault.StateLocked : StartFault.CannotUseFiles,
                opened.Message ?? "the store cannot be opened.",
                "Stop the other gateway, or choose another folder with data: in sallyport.yaml.");
        }
        _closing.Push(store.DisposeAsync);
        return store;
    }

    private Recorder OpenRecorder(ISegmentIndexStore segments)
    {
        var recording = _options.Recording;
        var opened = Recorder.Open(
            new RecorderOptions
            {
                Folder = _options.RecordingFolder,
                RingBytes = recording.RingBytes,
                SegmentBytes = recording.SegmentBytes,
                MinimumFreeBytes = recording.WatermarkBytes,
            },
            _time, segments);
        return opened.Recorder ??
            throw new StartFailure(opened.Outcome == RecorderOpenOutcome.Locked ? StartFault.StateLocked : StartFault.CannotUseFiles,
                opened.Message ?? "the recording cannot be opened.",
                "Nothing passes unrecorded: make room or choose another folder with data: in sallyport.yaml.");
    }

    private PolicyHolder OpenPolicy(SqlReader sql, out PolicyReload reload)
    {
        var policy = PolicyFiles.Holder(_options.Policy, () => _configuration?.Options ?? _options, sql);
        var now = reload = new PolicyReload(policy, _log);
        // Watched from before it is read, so that no change between the two is lost.
        Watch(
            () => [_options.Policy],
            () =>
            {
                now.Now();
                return Task.CompletedTask;
            });
        if (!reload.Now())
        {
            throw new StartFailure(StartFault.BadConfiguration, $"the policy is not in order:\n{string.Join('\n', policy.LastErrors)}",
                "Nothing was started. Correct the file; sallyport check reads it without starting.");
        }
        return policy;
    }

    private ConfigurationReload OpenConfiguration(SslCertificate certificate, IdentityVerifier identity, PolicyReload policy)
    {
        var configuration = new ConfigurationReload(_options, certificate, identity, policy, _time, _log);
        configuration.WarnOfIdentity();
        Watch(() => configuration.Files, configuration.ReloadAsync);
        Keep(_time.CreateTimer(static c => ((ConfigurationReload)c!).ReloadCertificate(), configuration, RenewalInterval, RenewalInterval));
        return configuration;
    }

    private void Watch(Func<IEnumerable<string>> files, Func<Task> changed) =>
        Keep(new FileWatch(files, changed, _time, WatchInterval, _log));

    private async Task<ApprovalBroker> StartBrokerAsync(SqliteStore store, CancellationToken cancellationToken)
    {
        var metrics = Keep(new HoldMetrics());
        if (_options.Webhook is { } webhook)
        {
            var notifier = Keep(new WebhookNotifier(Holds, webhook, _time, metrics));
            var stopping = new CancellationTokenSource();
            var running = notifier.RunAsync(stopping.Token);
            _closing.Push(async () =>
            {
                await stopping.CancelAsync();
                await running;
                stopping.Dispose();
            });
        }
        var broker = new ApprovalBroker(store.Holds, _time, new ApprovalOptions(), Holds, metrics);
        foreach (var expired in await broker.StartAsync(cancellationToken))
            AssemblyLog.HoldExpired(_log, expired.Hold.Id, expired.Hold.Session);
        _closing.Push(async () => await broker.StopAsync());
        return broker;
    }

    private List<Listener> Listeners(GatewayParts parts, ISessionOpener opener, SqlReader sql, ConfigurationReload configuration)
    {
        var listeners = new List<Listener>();
        if (_options.Listen.Postgres is { } postgres)
            listeners.Add(new Listener(postgres, Postgres(parts, opener, sql, configuration)));
        if (_options.Listen.Ssh is { } ssh)
            listeners.Add(new Listener(ssh, new SshAssembly(_options, _loggers, _time).Serve(parts, opener, Keep)));
        return listeners;
    }

    private ConnectionDelegate Postgres(GatewayParts parts, ISessionOpener opener, SqlReader sql, ConfigurationReload configuration)
    {
        var limits = _options.Limits;
        var options = new PostgresSessionOptions
        {
            StartupDeadline = limits.StartupDeadline,
            WrongProofsPerSource = limits.WrongProofsPerSource,
        };
        // A command is recorded whole, so one that no record can hold is refused by its length.
        options = options with { MaxMessageBytes = (int)Math.Min(options.MaxMessageBytes, _longestRecord * 3 / 4) };
        var connector = new UpstreamConnector(_loggers.CreateLogger<UpstreamConnector>(), _time, options.UpstreamDeadline);
        var services = new PostgresServices(opener, parts.Identity, parts.Decider, parts.Broker, new TextMasker(MaskKey()), sql, connector,
            Keep(new CatalogueCache(connector, _time, options.CatalogueAge)), new CancelRegistry(_time), new BudgetLedger(_time), options, _time, _loggers);
        return new PostgresHandler(services, () => configuration.Certificate.Context).OnConnectedAsync;
    }

    /// <summary>Keyed hashes must stay the same from start to start, or joins over masked columns would break.</summary>
    private byte[] MaskKey()
    {
        var path = Path.Combine(_options.Data, "mask.key");
        if (!File.Exists(path))
            PrivateFiles.Write(path, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(TextMasker.KeyLength)));
        try
        {
            var key = Convert.FromHexString(File.ReadAllText(path).Trim());
            return key.Length == TextMasker.KeyLength ? key : throw new FormatException();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            throw new StartFailure(StartFault.CannotUseFiles, $"the mask key {path} cannot be used: {e.Message}",
                "Restore it; without it masked values change.");
        }
    }

    private static List<string> Faults(PolicyHolder policy, Recorder recorder, SqliteStore store, IdentityVerifier identity)
    {
        List<string> faults = [.. policy.LastErrors.Select(static problem => $"policy: {problem}")];
        foreach (var fault in (ReadOnlySpan<string?>)[recorder.Fault, recorder.IndexFault, store.Fault?.ToString(), identity.Fault])
        {
            if (fault is not null)
                faults.Add(fault);
        }
        return faults;
    }

    /// <summary>Opens on another thread what is awaited later, and closes it with the rest, should it have opened.</summary>
    private Task<T> Beside<T>(Func<T> open, Func<T, ValueTask> close)
    {
        var opening = Task.Run(open);
        _closing.Push(async () =>
        {
            await ((Task)opening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (opening.IsCompletedSuccessfully)
                await close(await opening);
        });
        return opening;
    }

    private T Keep<T>(T part)
        where T : IDisposable
    {
        _closing.Push(() =>
        {
            part.Dispose();
            return ValueTask.CompletedTask;
        });
        return part;
    }
}
