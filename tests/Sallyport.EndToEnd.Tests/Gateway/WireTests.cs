using Sallyport.Testing.Wire;

namespace Sallyport.EndToEnd.Tests.Gateway;

/// <summary>What is not the protocol is refused, told and never passed on.</summary>
public sealed class WireTests : IClassFixture<ShopGateway>
{
    private readonly ShopGateway _shop;

    public WireTests(ShopGateway shop) => _shop = shop;

    private static string Types(IEnumerable<PostgresMessage> messages) => string.Concat(messages.Select(static m => m.Type));

    private Task<RawPostgresClient> ConnectAsync() => RawPostgresClient.ConnectAsync("127.0.0.1", _shop.Gateway.Port);

    [Fact]
    public async Task Threat1_BytesBehindAnSslRequestAreNeverProtocol()
    {
        await using var client = await ConnectAsync();

        await client.SendAsync(Messages.Initial(Messages.SslRequest), Messages.Startup(Messages.ProtocolThreeZero, ("user", "agent"), ("database", "shop")));

        Assert.True(await client.IsClosedByServerAsync());
    }

    [Fact]
    public async Task Threat3_TlsAndGssAreAskedForAtMostOnce()
    {
        await using var client = await ConnectAsync();
        await client.SendAsync(Messages.Initial(Messages.GssRequest));
        Assert.Equal((byte)'N', (await client.ReadBytesAsync(1))[0]);

        await client.SendAsync(Messages.Initial(Messages.GssRequest));

        Assert.True(await client.IsClosedByServerAsync());
    }

    [Theory]
    [InlineData('?', 4)]
    [InlineData('Q', 3)]
    [InlineData('Q', 0)]
    [InlineData('Q', -1)]
    [InlineData('Q', 0x7fffffff)]
    [InlineData('S', 8)]
    [InlineData('d', 8)]
    [InlineData('p', 8)]
    public async Task Threat5And8_AnIllegalTypeOrLengthEndsTheSessionWith08P01(char type, int length)
    {
        await using var client = await _shop.LoginAsync("engineer");

        await client.SendAsync(Messages.WithLength(type, length, [1, 2, 3, 4]));

        var error = await client.ReadAsync();
        Assert.Equal('E', error.Type);
        Assert.Equal("08P01", error.Field('C'));
        Assert.True(await client.IsClosedByServerAsync());
    }

    [Fact]
    public async Task Threat8_ASessionThatBrokeTheProtocolIsRecordedAsThat()
    {
        await using var client = await _shop.LoginAsync("engineer");
        await client.SendAsync(Messages.WithLength('?', 4, []));
        Assert.True(await client.IsClosedByServerAsync());

        await HoldTests.UntilAsync(async () =>
        {
            var list = await _shop.SallyportAsync("dana", "sessions", "list", "--json");
            var last = System.Text.Json.JsonDocument.Parse(list.Output).RootElement[0];
            return last.GetProperty("end").GetString() == "protocol_violation";
        });
    }

    [Theory]
    [InlineData("options", "-c role=postgres")]
    [InlineData("replication", "true")]
    [InlineData("search_path", "evil")]
    [InlineData("session_authorization", "postgres")]
    [InlineData("client_encoding", "BIG5")]
    public async Task Threat11And12_OnlyListedStartupParametersPass(string name, string value)
    {
        await using var client = await ConnectAsync();

        await client.SendAsync(Messages.Startup(Messages.ProtocolThreeZero, ("user", "engineer"), ("database", "shop"), (name, value)));

        var error = await client.ReadAsync();
        Assert.Equal('E', error.Type);
        Assert.Equal("FATAL", error.Field('V'));
        Assert.True(await client.IsClosedByServerAsync());
    }

    [Fact]
    public async Task AnUnknownMinorVersionIsNegotiatedDown()
    {
        await using var client = await ConnectAsync();

        await client.SendAsync(Messages.Startup(0x0003_0009, ("user", "engineer"), ("database", "shop"), ("_pq_.later", "1")));

        var negotiation = await client.ReadAsync();
        Assert.Equal('v', negotiation.Type);
        Assert.Contains("_pq_.later", negotiation.Text, StringComparison.Ordinal);
        await client.AuthenticateAsync(ShopGateway.Secret);
        Assert.Equal(32, client.CancelKey.Secret.Length);
    }

    [Theory]
    [InlineData("agent", "wrong", "shop")]
    [InlineData("unknown", ShopGateway.Secret, "shop")]
    [InlineData("agent", ShopGateway.Secret, "no_such_resource")]
    [InlineData("nobody", ShopGateway.Secret, "shop")]
    public async Task AWrongSecretAndAClosedResourceLookTheSame(string user, string secret, string resource)
    {
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => RawPostgresClient.LoginAsync(_shop.Gateway.Target(user, secret, resource)));

        Assert.Equal($"28P01: access denied for user \"{user}\" to \"{resource}\"", refused.Message);
    }

    [Theory]
    [InlineData("missing", "does not exist")]
    [InlineData("badlogin", "could not log in")]
    [InlineData("down", "cannot be reached")]
    public async Task AnUpstreamThatIsNotThereIsToldWithoutItsCredential(string resource, string words)
    {
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => RawPostgresClient.LoginAsync(_shop.As("engineer", resource)));

        Assert.Contains(words, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("postgres\"", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AQuerySplitAtEveryByteIsReadAsOne()
    {
        await using var client = await _shop.LoginAsync("agent");
        var query = Messages.Query("select card_number from customers where id = 1");

        for (var offset = 1; offset < query.Length; offset++)
        {
            await client.SendSplitAsync(query, offset);
            var messages = await client.ReadThroughAsync('Z');
            Assert.Equal("TDCZ", Types(messages));
            Assert.Contains("************6467", messages[1].Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Threat27_ACancelKeyReachesOnlyItsOwnSession()
    {
        await using var first = await _shop.LoginAsync("engineer");
        await using var second = await _shop.LoginAsync("engineer");
        Assert.NotEqual(first.CancelKey.ProcessId, second.CancelKey.ProcessId);
        await first.SendAsync(Messages.Query("select pg_sleep(30)"));
        await second.SendAsync(Messages.Query("select pg_sleep(1.5)"));
        // A cancel that overtakes its command cancels nothing, here as with a server.
        await HoldTests.UntilAsync(async () =>
            await _shop.TruthAsync("select count(*) from pg_stat_activity where state = 'active' and query = 'select pg_sleep(30)'") == "1");

        await using var wrong = await ConnectAsync();
        await wrong.SendAsync(Messages.Initial(Messages.CancelRequest, Messages.Int32(second.CancelKey.ProcessId), first.CancelKey.Secret));
        await using var right = await ConnectAsync();
        await right.SendAsync(Messages.Initial(Messages.CancelRequest, Messages.Int32(first.CancelKey.ProcessId), first.CancelKey.Secret));

        Assert.Equal("57014", (await first.ReadThroughAsync('Z')).Single(static m => m.Type == 'E').Field('C'));
        Assert.Equal("TDCZ", Types(await second.ReadThroughAsync('Z')));
    }

    [Fact]
    public async Task TheServerSeesWhoAsks()
    {
        await using var client = await _shop.LoginAsync("engineer");

        var row = (await client.QueryAsync("select application_name from pg_stat_activity where pid = pg_backend_pid()"))[1];

        Assert.Contains("sallyport:engineer:", row.Text, StringComparison.Ordinal);
    }
}
