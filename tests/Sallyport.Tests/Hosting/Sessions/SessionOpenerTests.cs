using System.Collections.Frozen;
using Microsoft.Extensions.Logging.Abstractions;
using Sallyport.Approvals;
using Sallyport.Core;
using Sallyport.Hosting.Sessions;
using Sallyport.Identity;
using Sallyport.Storage;
using Sallyport.Tests.Support;

namespace Sallyport.Tests.Hosting.Sessions;

public sealed class SessionOpenerTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly ScriptedRecorder _recorder = new();
    private readonly SessionRegistry _registry = new(2);
    private readonly HoldMetrics _metrics = new();
    private SqliteStore _store = null!;
    private IdentityVerifier _identity = null!;
    private SecretIssuer _secrets = null!;
    private SessionOpener _opener = null!;

    public Task InitializeAsync()
    {
        _store = SqliteStore.Open(_folder["store.db"], TimeProvider.System).Store!;
        var broker = new ApprovalBroker(_store.Holds, TimeProvider.System, new ApprovalOptions(), new HoldFeed(), _metrics);
        Resource[] resources = [new Resource("shop", ResourceKind.Postgres, FrozenDictionary<string, string>.Empty)];
        var salts = LoginSalts.LoadOrCreate(_folder["salts.key"], out _)!;
        _identity = new IdentityVerifier(
            new IdentityOptions { Principals = [new PrincipalOptions { Name = "ana" }] }, _store.Secrets, salts, TimeProvider.System);
        _secrets = new SecretIssuer(_identity, _store.Secrets, salts, TimeProvider.System);
        _opener = new SessionOpener(resources, _identity, new Admitting("eve"), _recorder, _store.Sessions, broker, _registry, TimeProvider.System,
            NullLogger<SessionOpener>.Instance);
        return Task.CompletedTask;
    }

    [Theory]
    [InlineData("ana", "nowhere")]
    [InlineData("eve", "shop")]
    public async Task AnUnknownAndAForbiddenResourceAreOneAnswer(string name, string resource) =>
        Assert.Equal(SessionOpenOutcome.Forbidden, (await OpenAsync(name, resource)).Outcome);

    [Fact]
    public async Task ASecretForOneLoginOpensOneSessionWhichGoesOn()
    {
        Assert.True(await _identity.RefreshAsync(CancellationToken.None));
        var issue = await _secrets.IssueAsync("ana", [], TimeSpan.FromHours(1), isOneTime: true, CancellationToken.None);
        var proof = await _identity.VerifySecretAsync("ana", System.Text.Encoding.ASCII.GetBytes(issue.Text!), CancellationToken.None);
        Task<SessionOpening> Again(string resource) =>
            _opener.OpenAsync(proof.Principal!, resource, ResourceKind.Postgres, "c", CancellationToken.None).AsTask();

        // What opens nothing costs nothing.
        Assert.Equal(SessionOpenOutcome.Forbidden, (await Again("nowhere")).Outcome);
        var openings = await Task.WhenAll(Again("shop"), Again("shop"));

        var open = Assert.Single(openings, static o => o.Outcome == SessionOpenOutcome.Opened);
        Assert.True(_identity.IsLive(open.Session!.Principal));
        Assert.Empty(_identity.FindScramVerifiers("ana").Keys);
        Assert.True(await _identity.RefreshAsync(CancellationToken.None));
        Assert.True(_identity.IsLive(open.Session.Principal));
        await _opener.CloseAsync(open.Session, SessionEnd.ClientClosed, null);
    }

    [Fact]
    public async Task AProofScopedElsewhereIsForbidden()
    {
        var scoped = new Principal { Name = "ana", Scope = FrozenSet.Create("billing") };
        var opening = await _opener.OpenAsync(scoped, "shop", ResourceKind.Postgres, "c", CancellationToken.None);
        Assert.Equal(SessionOpenOutcome.Forbidden, opening.Outcome);
    }

    [Fact]
    public async Task TheCapHoldsAndAClosedSessionGivesItsPlaceBackOnce()
    {
        var first = await OpenAsync();
        await OpenAsync();
        Assert.Equal(SessionOpenOutcome.TooMany, (await OpenAsync()).Outcome);
        await _opener.CloseAsync(first.Session!, SessionEnd.ClientClosed, null);
        await _opener.CloseAsync(first.Session!, SessionEnd.ClientLost, null);
        Assert.Equal(SessionOpenOutcome.Opened, (await OpenAsync()).Outcome);
        Assert.Equal(SessionOpenOutcome.TooMany, (await OpenAsync()).Outcome);
    }

    [Fact]
    public async Task ASessionIsRecordedAndStoredFromOpenToClose()
    {
        var session = (await OpenAsync()).Session!;
        await _opener.CloseAsync(session, SessionEnd.UpstreamLost, "reset");
        Assert.Equal([RecordKind.SessionOpened, RecordKind.SessionClosed], _recorder.Records.Select(static r => r.Kind));
        Assert.Contains("\"end\":\"upstream_lost\"", _recorder.Records.Last().Text, StringComparison.Ordinal);
        Assert.Equal("upstream_lost", (await _store.Sessions.FindAsync(session.Id, CancellationToken.None))!.End);
        Assert.Equal(0, _registry.Count);
    }

    [Fact]
    public async Task ARecorderThatTakesNothingRefusesTheSessionAndItsPlaceIsFree()
    {
        _recorder.Refusal = "the disk is full";
        for (var i = 0; i < 3; i++)
            Assert.Equal(SessionOpenOutcome.CannotRecord, (await OpenAsync()).Outcome);
        _recorder.Refusal = null;
        _recorder.Outcomes.Enqueue(RecordOutcome.Failed);
        Assert.Equal(SessionOpenOutcome.CannotRecord, (await OpenAsync()).Outcome);
        Assert.Equal(SessionOpenOutcome.Opened, (await OpenAsync()).Outcome);
    }

    [Fact]
    public async Task AFullRingIsWaitedFor()
    {
        _recorder.Outcomes.Enqueue(RecordOutcome.Full);
        Assert.Equal(SessionOpenOutcome.Opened, (await OpenAsync()).Outcome);
        Assert.Single(_recorder.Records);
    }

    [Fact]
    public async Task AStoreThatFailsRefusesTheSession()
    {
        await _store.DisposeAsync();
        Assert.Equal(SessionOpenOutcome.CannotRecord, (await OpenAsync()).Outcome);
        Assert.Equal(RecordKind.SessionClosed, _recorder.Records.Last().Kind);
    }

    [Fact]
    public async Task StoppingKillsTheLiveAndRefusesTheNew()
    {
        var session = (await OpenAsync()).Session!;
        _registry.Stop("the gateway is stopping");
        Assert.True(session.Killed.IsCancellationRequested);
        Assert.Equal("the gateway is stopping", session.KillReason);
        Assert.Equal(SessionOpenOutcome.Stopping, (await OpenAsync()).Outcome);
    }

    public async Task DisposeAsync()
    {
        _metrics.Dispose();
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    private ValueTask<SessionOpening> OpenAsync(string name = "ana", string resource = "shop") =>
        _opener.OpenAsync(new Principal { Name = name }, resource, ResourceKind.Postgres, "127.0.0.1:4000", CancellationToken.None);
}
