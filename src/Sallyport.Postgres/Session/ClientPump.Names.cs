using Sallyport.Core;
using Sallyport.Postgres.Sql;
using Sallyport.Postgres.Wire;

namespace Sallyport.Postgres.Session;

/// <summary>Finding out what names mean, before a verdict that hangs on it.</summary>
internal sealed partial class ClientPump
{
    /// <summary>Allows what passes whatever its names mean, without finding that out; null when it must be found out.</summary>
    private Judgement? Guess(SqlFacts facts) =>
        !_judge.IsReady(facts) && _judge.MayGuess(facts) && !SqlNames.RunsByName(facts) &&
        _judge.Decide(facts, isResolved: false) is { Decision: { Kind: DecisionKind.Allow, Observed.IsEmpty: true } } guessed
            ? guessed
            : null;

    /// <summary>Reads the catalogue as these facts need it; a refusal when it cannot be had.</summary>
    private async ValueTask<Judgement?> ReadCatalogueAsync(SqlFacts facts)
    {
        if (_judge.IsReady(facts))
            return null;
        await DrainAsync();
        return await _judge.RefreshAsync(_state.Session.Killed)
            ? null
            : _judge.Refuse("the catalogue of the database cannot be read now, and without it nothing can be decided");
    }

    /// <summary>
    /// Asks the session itself what its names mean, where it can be asked; elsewhere they may mean anything. By the extended protocol,
    /// which leaves the client's unnamed statement alone.
    /// </summary>
    private async ValueTask AskForNamesAsync(SqlFacts facts)
    {
        // Nothing but the end of a failed transaction runs in it. A snapshot taken before a LOCK would not be what the client asked for.
        if (_judge.HasNames(facts) || _state.IsSkipping || _state.TransactionStatus == (byte)'E' || _state.IsCopyIn ||
            (_state.TransactionStatus == (byte)'T' && facts.Statements is [{ Verb: "lock" }]))
            return;
        var output = _state.Upstream.Output;
        var name = UnguessableName();
        // A Sync of the gateway's own in the middle of a pipeline would commit the first half of it.
        var reading = new NamesReading(hasOwnSync: _state.Pending.IsBetweenSegments);
        _judge.Names.BeginReading();
        MessageWriter.WriteParse(output, name, NamesReading.Text, []);
        Ask(PendingKind.Parse, reading);
        MessageWriter.WriteBind(output, name, name, "\0\0\0\0\0\0"u8);
        Ask(PendingKind.Bind, reading);
        MessageWriter.WriteExecute(output, name, 0);
        Ask(PendingKind.Execute, reading);
        MessageWriter.WriteTarget(output, ClientMessage.Close, 'P', name);
        Ask(PendingKind.Close, reading);
        MessageWriter.WriteTarget(output, ClientMessage.Close, 'S', name);
        Ask(PendingKind.Close, reading);
        if (reading.HasOwnSync)
        {
            MessageWriter.Write(output, ClientMessage.Sync, []);
            Ask(PendingKind.Sync, reading);
        }
        await DrainAsync();
        _judge.Take(reading, isBetween: reading.HasOwnSync && _state.TransactionStatus == (byte)'I');
    }

    private void Ask(PendingKind kind, NamesReading reading) => _state.Pending.Push(new Pending { Kind = kind, IsInjected = true, Names = reading });
}
