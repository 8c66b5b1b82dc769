using System.Collections.Immutable;
using Sallyport.Cli;
using Sallyport.Core;
using Sallyport.Tests.Support;

namespace Sallyport.Tests.Admin;

/// <summary>The command line against the API on its socket: who may do what.</summary>
public sealed class AdminApiTests : IAsyncLifetime
{
    private RunningGateway _gateway = null!;

    public async Task InitializeAsync() => _gateway = await RunningGateway.StartAsync();

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Fact]
    public void TheSocketIsForTheOwnerAlone()
    {
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_gateway.Socket));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
            File.GetUnixFileMode(Path.GetDirectoryName(_gateway.Socket)!));
    }

    [Fact]
    public async Task AWrongSecretIsNotAuthorisedAndGuessingIsSlowed()
    {
        _gateway.Folder.Write("root.proof", "wrong");
        for (var i = 0; i < 5; i++)
            Assert.Contains("wrong, expired or revoked", (await _gateway.RunAsync("root", "sessions", "list")).Error,
                StringComparison.Ordinal);
        _gateway.Folder.Write("root.proof", RunningGateway.SecretOf("root"));
        var run = await _gateway.RunAsync("root", "sessions", "list");
        Assert.Equal(ExitCode.NotAuthorised, run.ExitCode);
        Assert.Contains("too many wrong secrets", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Threat87_OnlyAdministratorsAndThoseBehindASessionSeeIt()
    {
        var session = await _gateway.OpenSessionAsync("bot-7", onBehalfOf: "ana");
        foreach (var name in new[] { "root", "bot-7", "ana" })
            Assert.Contains(session.Id.ToString(), (await _gateway.RunAsync(name, "sessions", "list")).Out, StringComparison.Ordinal);
        Assert.DoesNotContain(session.Id.ToString(), (await _gateway.RunAsync("dana", "sessions", "list")).Out, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Failed, (await _gateway.RunAsync("dana", "sessions", "show", session.Id.ToString())).ExitCode);
    }

    [Fact]
    public async Task Threat38_ASessionIsKilledByWhoMaySeeItAndNobodyElse()
    {
        var session = await _gateway.OpenSessionAsync("bot-7");
        Assert.Equal(ExitCode.Failed, (await _gateway.RunAsync("dana", "sessions", "kill", session.Id.ToString())).ExitCode);
        Assert.False(session.Killed.IsCancellationRequested);
        Assert.Equal(ExitCode.Ok,
            (await _gateway.RunAsync("root", "sessions", "kill", session.Id.ToString(), "--reason", "runs wild")).ExitCode);
        Assert.Equal("ended by root: runs wild", session.KillReason);
        Assert.Equal(ExitCode.Failed, (await _gateway.RunAsync("root", "sessions", "kill", session.Id.ToString())).ExitCode);
    }

    [Theory]
    [InlineData("..%2f..%2fetc%2fpasswd")]
    [InlineData("../../etc/passwd")]
    public async Task Threat88_AnIdIsAnIdAndNeverAPath(string id) =>
        Assert.Equal(ExitCode.Failed, (await _gateway.RunAsync("root", "sessions", "show", id)).ExitCode);

    [Fact]
    public async Task OnlyAdministratorsIssueSecretsAndWhatTheyIssueWorksUntilRevoked()
    {
        Assert.Equal(ExitCode.NotAuthorised, (await _gateway.RunAsync("dana", "secrets", "issue", "bot-7")).ExitCode);
        var issued = await _gateway.RunAsync("root", "secrets", "issue", "bot-7", "--for", "1h");
        _gateway.Folder.Write("bot-7.proof", issued.Out);
        var list = await _gateway.RunAsync("bot-7", "secrets", "list");
        Assert.Equal(ExitCode.Ok, list.ExitCode);
        var id = list.Out.Split('\n')[1].Split('\t')[0];
        Assert.DoesNotContain(id, (await _gateway.RunAsync("ana", "secrets", "list")).Out, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Failed, (await _gateway.RunAsync("ana", "secrets", "revoke", id)).ExitCode);
        Assert.Equal(ExitCode.Ok, (await _gateway.RunAsync("bot-7", "secrets", "revoke", id)).ExitCode);
        Assert.Equal(ExitCode.NotAuthorised, (await _gateway.RunAsync("bot-7", "secrets", "list")).ExitCode);
    }

    [Fact]
    public async Task AnApproverSeesTheWholeHoldEscapedAndLetsItRun()
    {
        var waiting = await HoldAsync("update customers set name = '\u001b[2J\u202e'\nwhere id = 1");
        var shown = await _gateway.RunAsync("dana", "approvals", "show", waiting.Id);
        Assert.Contains("   1 | update customers set name = '\\e[2J\\u{202E}'", shown.Out, StringComparison.Ordinal);
        Assert.Contains("   2 | where id = 1", shown.Out, StringComparison.Ordinal);
        Assert.Contains("on behalf of ana", shown.Out, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Ok, (await _gateway.RunAsync("dana", "approvals", "approve", waiting.Id, "--yes")).ExitCode);
        Assert.Equal(HoldState.Approved, (await waiting.Outcome).State);
    }

    [Theory]
    [InlineData("ana")]
    [InlineData("bot-7")]
    [InlineData("root")]
    public async Task Threat81_NeitherWhoAsksNorTheirOwnerNorABystanderApproves(string name)
    {
        var waiting = await HoldAsync("delete from orders");
        Assert.Equal(ExitCode.NotAuthorised, (await _gateway.RunAsync(name, "approvals", "approve", waiting.Id, "--yes")).ExitCode);
        Assert.False(waiting.Outcome.IsCompleted);
        await _gateway.RunAsync("dana", "approvals", "reject", waiting.Id, "--reason", "no");
        Assert.Equal("no", (await waiting.Outcome).Reason);
    }

    [Fact]
    public async Task AModifiedTextRunsInThePlaceOfTheAskedOne()
    {
        var waiting = await HoldAsync("delete from orders");
        var run = await _gateway.RunAsync("dana", "approvals", "modify", waiting.Id, "--text", "delete from orders where id = 7", "--yes",
            "--json");
        Assert.Equal(ExitCode.Ok, run.ExitCode);
        var outcome = await waiting.Outcome;
        Assert.Equal((HoldState.Modified, "delete from orders where id = 7"), (outcome.State, outcome.ModifiedText));
    }

    [Fact]
    public async Task WithoutATerminalNothingIsApprovedUnasked()
    {
        var waiting = await HoldAsync("delete from orders");
        var run = await _gateway.RunAsync("dana", "approvals", "approve", waiting.Id);
        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.False(waiting.Outcome.IsCompleted);
    }

    private async Task<(string Id, Task<HoldOutcome> Outcome)> HoldAsync(string text)
    {
        var session = await _gateway.OpenSessionAsync("bot-7", onBehalfOf: "ana");
        var now = DateTimeOffset.UtcNow;
        var hold = new Hold
        {
            Id = _gateway.Broker.NewId(),
            Session = session.Id,
            Principal = session.Principal,
            Resource = "shop",
            Protocol = "postgres",
            Client = session.Client,
            Text = text,
            Hash = ImmutableArray.Create(new byte[32]),
            Rule = "writes-wait",
            Terms = new HoldTerms { Approvers = ["oncall"] },
            AskedAt = now,
            ExpiresAt = now.AddMinutes(1),
            Shape = "write",
        };
        var outcome = _gateway.Broker.HoldAsync(hold, CancellationToken.None);
        while (await _gateway.Broker.FindAsync(hold.Id, CancellationToken.None) is null)
            await Task.Yield();
        return (hold.Id, outcome);
    }
}
