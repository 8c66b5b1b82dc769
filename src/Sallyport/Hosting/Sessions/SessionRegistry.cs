using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Sallyport.Core;

namespace Sallyport.Hosting.Sessions;

/// <summary>The live sessions of this process, and the cap on how many there may be. A place is taken before a session exists.</summary>
internal sealed class SessionRegistry
{
    private readonly ConcurrentDictionary<SessionId, Session> _live = new();
    private readonly int _limit;
    private int _places;
    private volatile bool _isStopping;

    public SessionRegistry(int limit) => _limit = limit;

    public int Count => _live.Count;

    public bool IsStopping => _isStopping;

    public IEnumerable<Session> Live => _live.Values;

    /// <summary>Takes a place; false when all are taken. To be given back by <see cref="Leave"/>.</summary>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _places) <= _limit)
            return true;
        Interlocked.Decrement(ref _places);
        return false;
    }

    public void Leave() => Interlocked.Decrement(ref _places);

    /// <summary>False when the gateway began to stop: the session must not begin, nobody would end it.</summary>
    public bool TryAdd(Session session)
    {
        _live[session.Id] = session;
        return !_isStopping || !_live.TryRemove(session.Id, out _);
    }

    /// <summary>True for the one call that removed it.</summary>
    public bool Remove(Session session) => _live.TryRemove(session.Id, out _);

    public bool TryFind(SessionId id, [NotNullWhen(true)] out Session? session) => _live.TryGetValue(id, out session);

    /// <summary>Refuses new sessions from now on and ends the live ones.</summary>
    public void Stop(string reason)
    {
        _isStopping = true;
        foreach (var session in _live.Values)
            session.Kill(reason, SessionEnd.GatewayStopping);
    }
}
