using System.Collections.Immutable;
using System.Text;
using Sallyport.Core;
using Sallyport.Postgres.Sql;
using Sallyport.Postgres.Upstream;
using Sallyport.Postgres.Wire;

namespace Sallyport.Postgres.Session;

/// <summary>
/// One held command: asks the broker, tells the client that it waits, watches whether the client is still there, and withdraws
/// when it cancels, leaves, or the session is ended.
/// </summary>
internal sealed class Holder
{
    private readonly SessionState _state;
    private readonly CommandLog _log;
    private readonly Asked _asked;
    private readonly ImmutableArray<byte> _hash;
    private readonly string _shape;

    public Holder(SessionState state, CommandLog log, Asked asked)
    {
        _state = state;
        _log = log;
        _asked = asked;
        _hash = HashOf(asked);
        _shape = CommandShape.Of(asked.Effective);
        Id = state.Services.Approvals.NewId();
    }

    public string Id { get; }

    private IApprovalBroker Broker => _state.Services.Approvals;

    private Decision Decision => _asked.Judgement.Decision;

    public (HoldPermit Permit, ImmutableArray<string> By, string? HoldId) TryPass()
    {
        var permit = Broker.TryPass(_state.Session.Id, _state.Session.Principal, _state.Resource.Name, Decision, _hash.AsSpan(), _shape,
            out var by, out var holdId);
        return (permit, by, holdId);
    }

    /// <summary>Registers a ticket; the words for the client.</summary>
    public async ValueTask<Diagnostic> AskTicketAsync(bool isInTransaction)
    {
        var hold = Describe(isInTransaction, isTicket: true, Decision.Hold!.Within);
        var answer = await Broker.AskTicketAsync(hold, _state.Session.Killed);
        return answer.HoldId is { } id
            ? Refusals.Ticket(Decision, id, Decision.Hold.Within)
            : Refusals.Unable("approval cannot be asked for: " + answer.Refusal);
    }

    /// <summary>Waits for the outcome. A client that left or a killed session has ended the session's state when this returns.</summary>
    public async ValueTask<HoldOutcome> WaitAsync(bool isInTransaction)
    {
        var terms = Decision.Hold!;
        var within = isInTransaction && terms.WithinTransaction < terms.Within ? terms.WithinTransaction : terms.Within;
        var hold = Describe(isInTransaction, isTicket: false, within);
        using var withdrawn = new CancellationTokenSource();
        _state.Held = withdrawn;
        using var killed = _state.Session.Killed.Register(static w => ((CancellationTokenSource)w!).Cancel(), withdrawn);
        using var gone = _state.ClientGone.Register(() =>
        {
            _state.End(SessionEnd.ClientLost, $"the client left while {Id} was held");
            withdrawn.Cancel();
        });
        var waiting = Broker.HoldAsync(hold, withdrawn.Token);
        var started = _state.Services.Time.GetTimestamp();
        var estimate = EstimateAsync(withdrawn.Token);
        try
        {
            _state.TellClient(Notice(Refusals.Held(Decision, Id, within)));
            while (!waiting.IsCompleted)
            {
                var beat = Task.Delay(_state.Services.Options.HoldHeartbeat, _state.Services.Time);
                await Task.WhenAny(waiting, beat, _state.Ended);
                if (_state.Ended.IsCompleted)
                    await withdrawn.CancelAsync();
                if (withdrawn.IsCancellationRequested)
                    break;
                if (beat.IsCompleted)
                    _state.TellClient(Notice(Refusals.StillHeld(Id, within - _state.Services.Time.GetElapsedTime(started))));
            }
            return await waiting;
        }
        finally
        {
            _state.Held = null;
            await withdrawn.CancelAsync();
            await estimate;
        }
    }

    /// <summary>A notice as bytes for the client.</summary>
    public static byte[] Notice(Diagnostic notice)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(256);
        MessageWriter.WriteDiagnostic(buffer, notice);
        return buffer.WrittenSpan.ToArray();
    }

    private Hold Describe(bool isInTransaction, bool isTicket, TimeSpan within)
    {
        var now = _state.Services.Time.GetUtcNow();
        return new Hold
        {
            Id = Id,
            Session = _state.Session.Id,
            Principal = _state.Session.Principal,
            Resource = _state.Resource.Name,
            Protocol = _state.Session.Protocol,
            Client = _state.Session.Client,
            Text = Encoding.UTF8.GetString(_asked.Text.Span),
            Parameters = HoldParameters.Of(_asked.Portal),
            Hash = _hash,
            Rule = Decision.Rule,
            Note = Decision.Message,
            Terms = Decision.Hold!,
            InTransaction = isInTransaction,
            IsTicket = isTicket,
            AskedAt = now,
            ExpiresAt = now + within,
            // The last one is the held command itself.
            History = [.. _log.History().SkipLast(1)],
            Shape = _shape,
        };
    }

    private async Task EstimateAsync(CancellationToken cancellationToken)
    {
        if (_asked.Portal is null && await RowEstimate.AskAsync(_state, _asked.Facts, cancellationToken) is { } estimate)
            Broker.SetEstimate(Id, estimate);
    }

    private ImmutableArray<byte> HashOf(Asked asked)
    {
        using var hash = new CommandHash();
        hash.Begin(_state.Session.Principal, _state.Resource.Name);
        hash.AddText(asked.Text.Span);
        if (asked.Portal is { } portal && CommandLog.TryParameters(portal.Tail, out var formats, out var count, out var values))
        {
            var reader = new BodyReader(values);
            for (var i = 0; i < count; i++)
            {
                reader.TryInt32(out var length);
                var type = portal.Statement!.TypeOf(i);
                var format = BindView.FormatAt(formats, i);
                if (length < 0)
                    hash.AddNullParameter(type, format);
                else if (reader.TryBytes(length, out var value))
                    hash.AddParameter(type, format, value);
            }
        }
        var result = new byte[CommandHash.Size];
        hash.Finish(result);
        return [.. result];
    }
}
