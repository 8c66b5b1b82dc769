using Sallyport.Core;

namespace Sallyport.Approvals;

/// <summary>The live holds by id and the tickets by what they let pass; keeps their numbers within the options. Thread-safe.</summary>
internal sealed class HoldTable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, HeldCommand> _byId = [];
    private readonly Dictionary<TicketKey, HeldCommand> _tickets = [];
    private readonly Dictionary<SessionId, int> _ofSession = [];
    private readonly Dictionary<PrincipalKey, int> _ofPrincipal = [];
    private readonly ApprovalOptions _options;

    public HoldTable(ApprovalOptions options) => _options = options;

    /// <summary>Tickets that come from the store count, but are never refused for their number.</summary>
    public Adding TryAdd(HeldCommand command, bool restored)
    {
        var hold = command.Hold;
        if (!TicketKey.TryMake(hold.Principal, hold.Resource, hold.Hash.AsSpan(), out var key))
            return new Adding(Reasons.NotWhole, null, null);
        lock (_lock)
        {
            HeldCommand? earlier = null;
            if (hold.IsTicket && _tickets.TryGetValue(key, out earlier) && earlier.IsOpen &&
                Answered.By(earlier.Hold).Same(Answered.By(hold)))
                return new Adding(null, earlier, null);
            if (!restored && Refuse(hold.Session, key.Principal) is { } refusal)
                return new Adding(refusal, null, null);
            if (!_byId.TryAdd(hold.Id, command))
                return new Adding(Reasons.NotWhole, null, null);
            if (hold.IsTicket)
                _tickets[key] = command;
            _ofSession[hold.Session] = _ofSession.GetValueOrDefault(hold.Session) + 1;
            _ofPrincipal[key.Principal] = _ofPrincipal.GetValueOrDefault(key.Principal) + 1;
            return new Adding(null, null, earlier);
        }
    }

    public void Remove(HeldCommand command)
    {
        var hold = command.Hold;
        lock (_lock)
        {
            if (!_byId.TryGetValue(hold.Id, out var found) || found != command)
                return;
            _byId.Remove(hold.Id);
            TicketKey.TryMake(hold.Principal, hold.Resource, hold.Hash.AsSpan(), out var key);
            if (_tickets.GetValueOrDefault(key) == command)
                _tickets.Remove(key);
            Decrement(_ofSession, hold.Session);
            Decrement(_ofPrincipal, key.Principal);
        }
    }

    public HeldCommand? Find(string id)
    {
        lock (_lock)
            return _byId.GetValueOrDefault(id);
    }

    public HeldCommand? FindTicket(TicketKey key)
    {
        lock (_lock)
            return _tickets.GetValueOrDefault(key);
    }

    public HeldCommand[] All()
    {
        lock (_lock)
            return [.. _byId.Values];
    }

    private string? Refuse(SessionId session, PrincipalKey principal)
    {
        if (_byId.Count >= _options.MaxTotal)
            return Reasons.TooMany;
        if (_ofSession.GetValueOrDefault(session) >= _options.MaxPerSession)
            return Reasons.TooManyOfSession;
        return _ofPrincipal.GetValueOrDefault(principal) >= _options.MaxPerPrincipal ? Reasons.TooManyOfPrincipal : null;
    }

    private static void Decrement<TKey>(Dictionary<TKey, int> counts, TKey key)
        where TKey : notnull
    {
        if (--counts[key] == 0)
            counts.Remove(key);
    }

    /// <summary>
    /// Added, unless there is a refusal or the same ticket is <see cref="Standing"/>. <see cref="Replaced"/> is a ticket for the same
    /// command that the caller ends.
    /// </summary>
    internal readonly record struct Adding(string? Refusal, HeldCommand? Standing, HeldCommand? Replaced);
}
