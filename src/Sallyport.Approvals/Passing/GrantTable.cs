using System.Collections.Immutable;
using Sallyport.Core;

namespace Sallyport.Approvals;

/// <summary>
/// "Like this, in this session, for a while": by session, resource, principal and shape. Times are monotonic, numbers bounded.
/// Memory only: sessions do not outlive the gateway, so neither do their grants. Thread-safe.
/// </summary>
internal sealed class GrantTable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<SessionId, Dictionary<Key, Grant>> _bySession = [];
    private readonly TimeProvider _time;
    private readonly ApprovalOptions _options;
    private int _count;

    public GrantTable(TimeProvider time, ApprovalOptions options)
    {
        _time = time;
        _options = options;
    }

    /// <summary>False when there is no room; then the approval stands for its own command alone.</summary>
    public bool TryAdd(Hold hold, TimeSpan duration, ImmutableArray<string> by)
    {
        var key = new Key(PrincipalKey.Of(hold.Principal), hold.Resource, hold.Shape);
        var grant = new Grant(hold.Id, _time.GetTimestamp(), duration, by, Answered.By(hold));
        lock (_lock)
        {
            if (_count >= _options.MaxGrants)
                DropExpired();
            if (!_bySession.TryGetValue(hold.Session, out var grants))
                grants = [];
            if (!grants.ContainsKey(key))
            {
                if (_count >= _options.MaxGrants || grants.Count >= _options.MaxGrantsPerSession)
                    return false;
                _count++;
            }
            grants[key] = grant;
            _bySession[hold.Session] = grants;
            return true;
        }
    }

    public Grant? Find(SessionId session, Principal principal, string resource, string shape, Decision decision)
    {
        lock (_lock)
        {
            if (!_bySession.TryGetValue(session, out var grants))
                return null;
            var key = new Key(PrincipalKey.Of(principal), resource, shape);
            if (!grants.TryGetValue(key, out var grant))
                return null;
            if (!IsExpired(grant))
                return grant.Answered.Covers(decision) ? grant : null;
            Drop(session, grants, key);
            return null;
        }
    }

    public void Forget(SessionId session)
    {
        lock (_lock)
        {
            if (_bySession.Remove(session, out var grants))
                _count -= grants.Count;
        }
    }

    private bool IsExpired(Grant grant) => _time.GetElapsedTime(grant.Since) >= grant.Duration;

    private void DropExpired()
    {
        foreach (var (session, grants) in _bySession)
        {
            foreach (var (key, grant) in grants)
            {
                if (IsExpired(grant))
                    Drop(session, grants, key);
            }
        }
    }

    private void Drop(SessionId session, Dictionary<Key, Grant> grants, Key key)
    {
        grants.Remove(key);
        _count--;
        if (grants.Count == 0)
            _bySession.Remove(session);
    }

    /// <summary>A grant in force, from the hold that it was given with.</summary>
    internal sealed record Grant(string HoldId, long Since, TimeSpan Duration, ImmutableArray<string> By, Answered Answered);

    private readonly record struct Key(PrincipalKey Principal, string Resource, string Shape);
}
