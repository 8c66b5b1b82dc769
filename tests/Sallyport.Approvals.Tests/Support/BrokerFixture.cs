using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Sallyport.Core;

namespace Sallyport.Approvals.Tests;

/// <summary>A broker over memory and a clock that tests turn; <c>bot-7</c> acts for <c>ana</c>, and <c>oncall</c> may approve.</summary>
internal sealed class BrokerFixture : IDisposable
{
    private readonly HoldMetrics _metrics = new();

    public BrokerFixture(ApprovalOptions? options = null, MemoryHoldStore? store = null, FakeTimeProvider? time = null)
    {
        Store = store ?? new MemoryHoldStore();
        Time = time ?? new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 3, 0, 0, TimeSpan.Zero));
        Broker = new ApprovalBroker(Store, Time, options ?? new ApprovalOptions(), Feed, _metrics);
    }

    public static Principal Bot { get; } = new() { Name = "bot-7", Kind = PrincipalKind.Agent, OnBehalfOf = "ana" };

    public static Principal Dana { get; } = Person("dana");

    public static Principal Eli { get; } = Person("eli");

    public MemoryHoldStore Store { get; }

    public FakeTimeProvider Time { get; }

    public HoldFeed Feed { get; } = new();

    public ApprovalBroker Broker { get; }

    public SessionId Session { get; } = SessionId.New(TimeProvider.System);

    public static Principal Person(string name, params string[] groups) =>
        new() { Name = name, Groups = (groups.Length == 0 ? ["oncall"] : groups).ToFrozenSet() };

    public static ImmutableArray<byte> HashOf(string text) => [.. SHA256.HashData(Encoding.UTF8.GetBytes(text))];

    public Hold NewHold(string text = "delete from orders where id = 7", int count = 1, TimeSpan? within = null, bool ticket = false) => new()
    {
        Id = Broker.NewId(),
        Session = Session,
        Principal = Bot,
        Resource = "shop",
        Protocol = "postgres",
        Client = "127.0.0.1:5000",
        Text = text,
        Hash = HashOf(text),
        Rule = "writes-wait",
        Terms = new HoldTerms { Approvers = ["oncall"], Count = count, Ticket = ticket },
        IsTicket = ticket,
        AskedAt = Time.GetUtcNow(),
        ExpiresAt = Time.GetUtcNow() + (within ?? TimeSpan.FromMinutes(10)),
        Shape = "write delete public.orders",
    };

    public (string Id, Task<HoldOutcome> Waiter) Ask(Hold? hold = null, CancellationToken withdrawn = default)
    {
        hold ??= NewHold();
        return (hold.Id, Broker.HoldAsync(hold, withdrawn));
    }

    public async Task<string> AskTicketAsync(Hold? hold = null) =>
        (await Broker.AskTicketAsync(hold ?? NewHold(ticket: true), default)).HoldId ?? throw new InvalidOperationException("refused");

    public HoldPermit TryPass(Hold hold, SessionId? session = null, Principal? principal = null, Decision? decision = null)
    {
        decision ??= new Decision(DecisionKind.Hold, hold.Rule) { Hold = hold.Terms };
        return Broker.TryPass(session ?? hold.Session, principal ?? hold.Principal, hold.Resource, decision, hold.Hash.AsSpan(), hold.Shape, out _, out _);
    }

    public Task<DecideResult> ApproveAsync(string id, Principal? by = null, TimeSpan? grant = null, int revision = 0) =>
        Broker.ApproveAsync(id, by ?? Dana, grant is { } time ? ApproveScope.Grant(time) : ApproveScope.Once, "fine", revision);

    public void Dispose() => _metrics.Dispose();
}
