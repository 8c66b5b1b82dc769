using Sallyport.Admin;
using Sallyport.Core;
using Sallyport.Hosting.Configuration;
using Sallyport.Hosting.Network;
using Sallyport.Hosting.Sessions;

namespace Sallyport.Hosting;

/// <summary>
/// The running gateway: sessions, admin API, listeners, started in that order and stopped in reverse, so that nobody can come in
/// before everything that watches them stands.
/// </summary>
internal sealed class GatewayHost : IAsyncDisposable
{
    private readonly SessionRegistry _registry;
    private readonly AdminServer _admin;
    private readonly DataPlane _plane;
    private readonly ProofSweep _sweep;
    private readonly TimeSpan _deadline;
    private readonly ILogger _log;

    private GatewayHost(SessionRegistry registry, AdminServer admin, DataPlane plane, ProofSweep sweep, TimeSpan deadline, ILogger log)
    {
        _registry = registry;
        _admin = admin;
        _plane = plane;
        _sweep = sweep;
        _deadline = deadline;
        _log = log;
    }

    /// <param name="options">The configuration.</param>
    /// <param name="parts">Everything the sessions need, open.</param>
    /// <param name="admin">Not started yet; closed with this, or when this does not start.</param>
    /// <param name="protocols">Makes the listeners and what serves their connections, from the opener of sessions.</param>
    /// <param name="loggers">Where to log.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    /// <exception cref="StartFailure">Something is in the way; nothing is left running.</exception>
    public static async Task<GatewayHost> StartAsync(GatewayOptions options, GatewayParts parts, AdminServer admin,
        Func<ISessionOpener, IReadOnlyList<Listener>> protocols, ILoggerFactory loggers, TimeProvider time, CancellationToken cancellationToken)
    {
        var log = loggers.CreateLogger("Sallyport.Gateway");
        var registry = new SessionRegistry(options.Limits.Sessions);
        var opener = new SessionOpener(options.Resources, parts.Identity, parts.Decider, parts.Recorder, parts.Sessions, parts.Broker, registry,
            time, loggers.CreateLogger<SessionOpener>());
        try
        {
            await EndOrphansAsync(parts.Sessions, time, log, cancellationToken);
            await admin.StartAsync(Services(options, parts, registry, time, log), cancellationToken);
            var listeners = protocols(opener);
            var plane = await DataPlane.StartAsync(listeners, options.Limits.ConnectionsPerSource, loggers, cancellationToken);
            HostLog.Started(log, GatewayVersion.Text, string.Join(", ", listeners.Select(static l => l.EndPoint)),
                options.Listen.AdminSocket, parts.Decider.Snapshot);
            var sweep = new ProofSweep(registry, parts.Identity, time, log);
            return new GatewayHost(registry, admin, plane, sweep, options.ShutdownDeadline, log);
        }
        catch
        {
            await admin.DisposeAsync();
            throw;
        }
    }

    /// <summary>Lets nobody in, ends sessions with a word to their clients, cuts those that do not end in time.</summary>
    public async ValueTask DisposeAsync()
    {
        HostLog.Stopping(_log, _registry.Count, _deadline);
        _registry.Stop("the gateway is stopping");
        await _plane.StopAsync(_deadline);
        _plane.Dispose();
        _sweep.Dispose();
        await _admin.DisposeAsync();
        HostLog.Stopped(_log);
    }

    private static async Task EndOrphansAsync(ISessionStore sessions, TimeProvider time, ILogger log, CancellationToken cancellationToken)
    {
        var orphans = await sessions.EndOrphansAsync(time.GetUtcNow(), "interrupted", cancellationToken);
        if (orphans.Count > 0)
            HostLog.Orphans(log, orphans.Count);
    }

    private static AdminServices Services(GatewayOptions options, GatewayParts parts, SessionRegistry registry, TimeProvider time,
        ILogger log) => new()
        {
            Identity = parts.Identity,
            Access = new AdminAccess(options.Admins),
            Registry = registry,
            Sessions = parts.Sessions,
            Secrets = parts.Secrets,
            Recordings = parts.Recordings,
            Issuer = parts.Issuer,
            Broker = parts.Broker,
            Decider = parts.Decider,
            Faults = parts.Faults,
            StartedAt = time.GetUtcNow(),
            Time = time,
            Log = log,
        };
}
