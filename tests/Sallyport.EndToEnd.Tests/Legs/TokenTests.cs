using Sallyport.EndToEnd.Tests.Gateway;
using Sallyport.Testing.Runners;
using Sallyport.Testing.Wire;

namespace Sallyport.EndToEnd.Tests.Legs;

/// <summary>Tokens of a real OpenID provider and issued secrets, each in the password field of ordinary clients.</summary>
[Collection(OpenGatewayCollection.Name)]
public sealed class TokenTests
{
    private readonly OpenGateway _open;

    public TokenTests(OpenGateway open) => _open = open;

    [Fact]
    public async Task TheGroupsOfATokenDecide()
    {
        var target = _open.Safe("bot-7", await _open.Provider.TokenOf("bot-7"));

        var psql = await ClientRunner.PsqlAsync("select ssn from customers where id = 1;\ndelete from orders;\n", target);

        Assert.Equal("[redacted]\n", psql.Output);
        Assert.Contains("Add a WHERE clause.", psql.Error, StringComparison.Ordinal);
        await using var source = Npgsql.NpgsqlDataSource.Create(target.ToNpgsql());
        await using var command = source.CreateCommand("select count(*) from orders");
        Assert.Equal(3L, await command.ExecuteScalarAsync());
    }

    [Theory]
    [InlineData("bot-7", "bot-7", "another")]
    [InlineData("bot-single", "bot-7", "sallyport")]
    [InlineData("bot-service", "bot-service", "sallyport")]
    public async Task AWrongTokenIsRefusedLikeAWrongSecret(string user, string client, string audience)
    {
        var token = await _open.Provider.TokenOf(client, audience);

        var psql = await ClientRunner.PsqlAsync("select 1;", _open.Safe(user, token));

        Assert.Equal(2, psql.ExitCode);
        Assert.Contains($"access denied for user \"{user}\" to \"shop\"", psql.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(token, _open.Gateway.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WithoutTlsNobodyIsAskedForAToken()
    {
        var token = await _open.Provider.TokenOf("bot-7");

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => RawPostgresClient.LoginAsync(_open.Gateway.Target("bot-7", token, "shop")));

        Assert.StartsWith("28P01", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ARevokedSecretEndsItsSessionThatAsksNothing()
    {
        var issued = await _open.SallyportAsync("secrets", "issue", "agent", "--for", "1h");
        await using var client = await RawPostgresClient.LoginAsync(_open.Safe("agent", issued.Output.Trim()));
        await using var other = await RawPostgresClient.LoginAsync(_open.Safe("agent"));

        Assert.Equal(0, (await _open.SallyportAsync("secrets", "revoke", issued.Error.Split(' ')[0])).ExitCode);

        var word = await client.ReadAsync();
        Assert.Equal(("FATAL", "57P01"), (word.Field('V'), word.Field('C')));
        Assert.Contains("expired or was revoked", word.Field('M'), StringComparison.Ordinal);
        Assert.True(await client.IsClosedByServerAsync());
        await HoldTests.UntilAsync(async () =>
            (await _open.SallyportAsync("sessions", "list", "--json")).Output.Contains("\"proof_expired\"", StringComparison.Ordinal));
        Assert.Equal('T', (await other.QueryAsync("select 1"))[0].Type);
    }

    [Fact]
    public async Task ARevokedSecretEndsItsSessionAtTheNextCommand()
    {
        var issued = await _open.SallyportAsync("secrets", "issue", "agent", "--for", "1h");
        Assert.True(issued.ExitCode == 0, issued.Error);
        await using var client = await RawPostgresClient.LoginAsync(_open.Safe("agent", issued.Output.Trim()));
        Assert.Equal('T', (await client.QueryAsync("select 1"))[0].Type);

        var id = issued.Error.Split(' ')[0];
        Assert.Equal(0, (await _open.SallyportAsync("secrets", "revoke", id)).ExitCode);
        await client.SendAsync(Messages.Query("select 2"));

        var error = await client.ReadAsync();
        Assert.Equal('E', error.Type);
        Assert.Equal("FATAL", error.Field('V'));
        Assert.True(await client.IsClosedByServerAsync());
        await Assert.ThrowsAsync<InvalidOperationException>(() => RawPostgresClient.LoginAsync(_open.Safe("agent", issued.Output.Trim())));
    }
}
