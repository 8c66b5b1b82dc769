using System.Text.Json;
using Sallyport.Testing.Processes;
using Sallyport.Testing.Wire;

namespace Sallyport.EndToEnd.Tests.Gateway;

/// <summary>A held command waits while its connection lives, and passes only on another person's word.</summary>
public sealed class HoldTests : IClassFixture<ShopGateway>
{
    private readonly ShopGateway _shop;

    public HoldTests(ShopGateway shop) => _shop = shop;

    private static string Types(IEnumerable<PostgresMessage> messages) => string.Concat(messages.Select(static m => m.Type).Where(static t => t != 'N'));

    /// <summary>Sends a command that will be held and reads the notice that says so.</summary>
    private static async Task<string> AskAsync(RawPostgresClient client, params byte[][] messages)
    {
        await client.SendAsync(messages);
        PostgresMessage notice;
        do
            notice = await client.ReadAsync();
        while (notice.Type != 'N');
        using var detail = JsonDocument.Parse(notice.Field('D')!);
        return detail.RootElement.GetProperty("hold").GetString()!;
    }

    private async Task<string> SaysAsync(string principal, params string[] arguments)
    {
        var result = await _shop.SallyportAsync(principal, arguments);
        return $"{result.ExitCode} {result.Output}{result.Error}";
    }

    [Fact]
    public async Task AnApprovedCommandRunsOnceAndTheSessionGoesOn()
    {
        await using var client = await _shop.LoginAsync("agent");
        var id = await AskAsync(client, Messages.Query("insert into orders values (100, 1, 'approved', 1)"));
        Assert.Equal("0", await _shop.TruthAsync("select count(*) from orders where id = 100"));

        Assert.StartsWith("0 ", await SaysAsync("dana", "approvals", "approve", id, "--yes"), StringComparison.Ordinal);

        Assert.Equal("CZ", Types(await client.ReadThroughAsync('Z')));
        Assert.Equal("1", await _shop.TruthAsync("select count(*) from orders where id = 100"));
        Assert.Equal("TDCZ", Types(await client.QueryAsync("select 1")));
    }

    [Fact]
    public async Task ShowTellsEverythingAnApproverNeeds()
    {
        await using var client = await _shop.LoginAsync("helper");
        await client.QueryAsync("select 'the command before'");
        var id = await AskAsync(client, Messages.Query("update orders set item = E'a\u001b[2Jb' where id = 1"));

        var shown = await SaysAsync("dana", "approvals", "show", id);

        Assert.Contains("helper", shown, StringComparison.Ordinal);
        Assert.Contains("owner", shown, StringComparison.Ordinal);
        Assert.Contains("writes-wait", shown, StringComparison.Ordinal);
        Assert.Contains("Say which ticket.", shown, StringComparison.Ordinal);
        Assert.Contains("the command before", shown, StringComparison.Ordinal);
        Assert.Contains("about 1 rows of orders", shown, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', shown);
        await SaysAsync("dana", "approvals", "reject", id, "--reason", "done looking");
        Assert.Equal("EZ", Types(await client.ReadThroughAsync('Z')));
    }

    [Theory]
    [InlineData("agent")]
    [InlineData("engineer")]
    [InlineData("owner")]
    public async Task Threat81_NeitherTheAskerNorWhoItActsForNorOthersMayApprove(string approver)
    {
        await using var client = await _shop.LoginAsync("helper");
        var id = await AskAsync(client, Messages.Query("delete from orders where id = -1"));

        Assert.DoesNotContain("0 ", (await SaysAsync(approver, "approvals", "approve", id, "--yes"))[..2], StringComparison.Ordinal);

        await SaysAsync("dana", "approvals", "reject", id, "--reason", "not like this");
        var refused = (await client.ReadThroughAsync('Z')).Single(static m => m.Type == 'E');
        Assert.Equal("42501", refused.Field('C'));
        Assert.Contains("rejected by dana: not like this", refused.Field('M'), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Threat84_AModifiedTextIsJudgedAgainAndRunsInPlaceOfTheAsked()
    {
        await using var client = await _shop.LoginAsync("agent");
        var id = await AskAsync(client, Messages.Query("insert into orders values (110, 1, 'asked', 1)"));
        Assert.StartsWith("0 ", await SaysAsync("dana", "approvals", "modify", id, "--text", "insert into orders values (110, 1, 'modified', 1)", "--yes"), StringComparison.Ordinal);
        Assert.Equal("CZ", Types(await client.ReadThroughAsync('Z')));
        Assert.Equal("modified", await _shop.TruthAsync("select item from orders where id = 110"));

        id = await AskAsync(client, Messages.Query("insert into orders values (111, 1, 'asked', 1)"));
        await SaysAsync("dana", "approvals", "modify", id, "--text", "drop table orders", "--yes");
        Assert.Equal("EZ", Types(await client.ReadThroughAsync('Z')));
        Assert.Equal("0", await _shop.TruthAsync("select count(*) from orders where id = 111"));
    }

    [Fact]
    public async Task Threat83_AHeldExecuteShowsItsParametersAndMayBeModified()
    {
        await using var client = await _shop.LoginAsync("agent");
        var id = await AskAsync(
            client, Messages.Parse("ins", "insert into orders(id, item) values ($1, $2)"), Messages.Describe('S', "ins"), Messages.Bind("", "ins", "120", "from bind"),
            Messages.Execute(""), Messages.Sync());
        var shown = await SaysAsync("dana", "approvals", "show", id);
        Assert.Contains("120", shown, StringComparison.Ordinal);
        Assert.Contains("from bind", shown, StringComparison.Ordinal);

        await SaysAsync("dana", "approvals", "modify", id, "--text", "insert into orders(id, item) values ($1, upper($2))", "--yes");

        Assert.EndsWith("CZ", Types(await client.ReadThroughAsync('Z')), StringComparison.Ordinal);
        Assert.Equal("FROM BIND", await _shop.TruthAsync("select item from orders where id = 120"));
    }

    [Fact]
    public async Task Threat26_AClientThatLeftWithdrawsAndALateApprovalRunsNothing()
    {
        var client = await _shop.LoginAsync("agent");
        var id = await AskAsync(client, Messages.Query("insert into orders values (130, 1, 'gone', 1)"));
        client.Reset();
        await UntilAsync(async () => (await SaysAsync("dana", "approvals", "show", id)).Contains("withdrawn", StringComparison.Ordinal));

        Assert.DoesNotContain("0 ", (await SaysAsync("dana", "approvals", "approve", id, "--yes"))[..2], StringComparison.Ordinal);

        Assert.Equal("0", await _shop.TruthAsync("select count(*) from orders where id = 130"));
    }

    [Fact]
    public async Task Threat27_ACancelRequestWithdrawsWhatIsHeld()
    {
        await using var client = await _shop.LoginAsync("agent");
        await AskAsync(client, Messages.Query("insert into orders values (140, 1, 'cancelled', 1)"));

        await using var cancel = await RawPostgresClient.ConnectAsync("127.0.0.1", _shop.Gateway.Port);
        await cancel.SendAsync(Messages.Initial(Messages.CancelRequest, Messages.Int32(client.CancelKey.ProcessId), client.CancelKey.Secret));

        var messages = await client.ReadThroughAsync('Z');
        Assert.Equal("57014", messages.Single(static m => m.Type == 'E').Field('C'));
        Assert.Equal("TDCZ", Types(await client.QueryAsync("select 1")));
    }

    [Fact]
    public async Task ATicketPassesTheSameCommandOnceAfterItWasApproved()
    {
        await using var client = await _shop.LoginAsync("agent");
        const string Merge = "merge into orders o using (values (150)) v(id) on o.id = v.id when not matched then insert values (v.id, 1, 'ticket', 1)";
        var refused = (await client.QueryAsync(Merge))[0];
        using var detail = JsonDocument.Parse(refused.Field('D')!);
        var id = detail.RootElement.GetProperty("hold").GetString()!;
        Assert.Equal("hold", detail.RootElement.GetProperty("decision").GetString());

        await SaysAsync("omar", "approvals", "approve", id, "--yes");

        Assert.Equal("CZ", Types(await client.QueryAsync(Merge)));
        Assert.Equal("EZ", Types(await client.QueryAsync(Merge)));
        Assert.Equal("1", await _shop.TruthAsync("select count(*) from orders where id = 150"));
    }

    [Fact]
    public async Task AGrantLetsLikeCommandsOfTheSessionPass()
    {
        await using var client = await _shop.LoginAsync("agent");
        var id = await AskAsync(client, Messages.Query("insert into orders values (160, 1, 'a', 1)"));
        await SaysAsync("dana", "approvals", "approve", id, "--for", "30m", "--yes");
        Assert.Equal("CZ", Types(await client.ReadThroughAsync('Z')));

        Assert.Equal("CZ", Types(await client.QueryAsync("insert into orders values (161, 2, 'b', 2)")));

        await using var other = await _shop.LoginAsync("agent");
        var again = await AskAsync(other, Messages.Query("insert into orders values (162, 2, 'c', 2)"));
        await SaysAsync("dana", "approvals", "reject", again, "--reason", "no");
    }

    [Fact]
    public async Task AKilledSessionEndsWhileItsCommandIsHeld()
    {
        await using var client = await _shop.LoginAsync("agent");
        await AskAsync(client, Messages.Query("insert into orders values (170, 1, 'killed', 1)"));
        var sessions = await SaysAsync("dana", "sessions", "list", "--json");
        var id = JsonDocument.Parse(sessions[2..]).RootElement.EnumerateArray()
            .First(static s => s.GetProperty("principal").GetString() == "agent").GetProperty("id").GetString()!;

        Assert.StartsWith("0 ", await SaysAsync("dana", "sessions", "kill", id, "--reason", "enough"), StringComparison.Ordinal);

        Assert.True(await client.IsClosedByServerAsync());
        Assert.Equal("0", await _shop.TruthAsync("select count(*) from orders where id = 170"));
    }

    internal static async Task UntilAsync(Func<Task<bool>> condition)
    {
        for (var i = 0; i < 300; i++)
        {
            if (await condition())
                return;
            await Task.Delay(100);
        }
        Assert.Fail("It did not come true in time.");
    }
}
