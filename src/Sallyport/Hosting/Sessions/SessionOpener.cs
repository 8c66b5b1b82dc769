using System.Collections.Frozen;
using Sallyport.Core;

namespace Sallyport.Hosting.Sessions;

/// <summary>
/// Begins and ends sessions for every protocol (<see cref="ISessionOpener"/>). Each step that succeeded is undone when a later one
/// fails. A store that cannot take the session refuses it: a session that no list shows could not be found again.
/// </summary>
internal sealed class SessionOpener : ISessionOpener
{
    private readonly FrozenDictionary<string, Resource> _resources;
    private readonly IIdentityVerifier _identity;
    private readonly IDecider _decider;
    private readonly IRecorder _recorder;
    private readonly ISessionStore _store;
    private readonly IApprovalBroker _broker;
    private readonly SessionRegistry _registry;
    private readonly TimeProvider _time;
    private readonly ILogger<SessionOpener> _log;

    public SessionOpener(IEnumerable<Resource> resources, IIdentityVerifier identity, IDecider decider, IRecorder recorder, ISessionStore store,
        IApprovalBroker broker, SessionRegistry registry, TimeProvider time, ILogger<SessionOpener> log)
    {
        _resources = resources.ToFrozenDictionary(static r => r.Name, StringComparer.Ordinal);
        _identity = identity;
        _decider = decider;
        _recorder = recorder;
        _store = store;
        _broker = broker;
        _registry = registry;
        _time = time;
        _log = log;
    }

    public async ValueTask<SessionOpening> OpenAsync(Principal principal, string resource, ResourceKind kind, string client,
        CancellationToken cancellationToken)
    {
        if (_registry.IsStopping)
            return Refuse(SessionOpenOutcome.Stopping, "the gateway is stopping");
        if (!_resources.TryGetValue(resource, out var found) || found.Kind != kind)
            return Refuse(SessionOpenOutcome.Forbidden, "there is no such resource");
        if (principal.Scope.Count > 0 && !principal.Scope.Contains(resource))
            return Refuse(SessionOpenOutcome.Forbidden, "the proof is scoped to other resources");
        if (!_decider.Admits(principal, found))
            return Refuse(SessionOpenOutcome.Forbidden, "no rule lets this principal do anything there");
        if (!_registry.TryEnter())
            return Refuse(SessionOpenOutcome.TooMany, "the limit of sessions is reached");
        SessionOpening opening = default;
        try
        {
            if (!await _identity.TrySpendAsync(principal, cancellationToken))
                return Refuse(SessionOpenOutcome.Forbidden, "the secret was good for one login, and that has been");
            opening = await BeginAsync(principal, found, client, cancellationToken);
            return opening;
        }
        finally
        {
            if (opening.Session is null)
                _registry.Leave();
        }
    }

    public async ValueTask CloseAsync(Session session, SessionEnd end, string? detail)
    {
        // Killing, the two directions of a connection and a fault may all come here: one of them closes.
        if (!_registry.Remove(session))
            return;
        _registry.Leave();
        var at = _time.GetUtcNow();
        var spelled = SessionEvents.Spell(end);
        _broker.ForgetSession(session.Id);
        await AppendAsync(session.Recorder, RecordKind.SessionClosed, SessionEvents.Closed(session, spelled, detail, at),
            CancellationToken.None);
        try
        {
            await _store.EndedAsync(session.Id, at, spelled, CancellationToken.None);
        }
        catch (Exception e)
        {
            SessionLog.EndNotStored(_log, session.Id, e.Message);
        }
        SessionLog.Closed(_log, session.Id, spelled, SafeText.Short(detail, 256));
        session.Dispose();
    }

    private async ValueTask<SessionOpening> BeginAsync(Principal principal, Resource resource, string client,
        CancellationToken cancellationToken)
    {
        var id = SessionId.New(_time);
        if (_recorder.TryOpen(id, out var reason) is not { } recorder)
            return Refuse(SessionOpenOutcome.CannotRecord, reason ?? "the recorder takes no new session");
        var protocol = resource.Kind.ToString().ToLowerInvariant();
        var session = new Session(id, principal, resource, protocol, client, _time.GetUtcNow(), recorder);
        var opening = await TryStartAsync(session, cancellationToken);
        if (opening.Session is null)
            session.Dispose();
        else
            SessionLog.Opened(_log, id, SafeText.Short(principal.Name, 128), resource.Name, client, principal.Proof);
        return opening;
    }

    private async ValueTask<SessionOpening> TryStartAsync(Session session, CancellationToken cancellationToken)
    {
        if (!await AppendAsync(session.Recorder, RecordKind.SessionOpened, SessionEvents.Opened(session), cancellationToken))
            return Refuse(SessionOpenOutcome.CannotRecord, _recorder.Fault ?? "the recorder did not take the first record");
        try
        {
            await _store.OpenedAsync(Row(session), cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            await AbandonAsync(session, "the store did not take the session");
            return Refuse(SessionOpenOutcome.CannotRecord, $"the store did not take the session: {e.Message}");
        }
        if (_registry.TryAdd(session))
            return new SessionOpening(SessionOpenOutcome.Opened, session, null);
        await AbandonAsync(session, "the gateway is stopping");
        await _store.EndedAsync(session.Id, _time.GetUtcNow(), SessionEvents.Spell(SessionEnd.GatewayStopping), CancellationToken.None);
        return Refuse(SessionOpenOutcome.Stopping, "the gateway is stopping");
    }

    private async ValueTask AbandonAsync(Session session, string detail) =>
        await AppendAsync(session.Recorder, RecordKind.SessionClosed,
            SessionEvents.Closed(session, SessionEvents.Spell(SessionEnd.GatewayFault), detail, _time.GetUtcNow()), CancellationToken.None);

    private static async ValueTask<bool> AppendAsync(ISessionRecorder recorder, RecordKind kind, byte[] payload,
        CancellationToken cancellationToken)
    {
        while (true)
        {
            var outcome = recorder.TryAppend(kind, payload, [], out _);
            if (outcome == RecordOutcome.Taken)
                return true;
            if (outcome == RecordOutcome.Failed || !await recorder.WaitForRoomAsync(cancellationToken))
                return false;
        }
    }

    private static StoredSession Row(Session session) => new()
    {
        Id = session.Id,
        Principal = session.Principal.Name,
        OnBehalfOf = session.Principal.OnBehalfOf,
        Resource = session.Resource.Name,
        Protocol = session.Protocol,
        Client = session.Client,
        OpenedAt = session.OpenedAt,
    };

    private static SessionOpening Refuse(SessionOpenOutcome outcome, string reason) => new(outcome, null, reason);
}
