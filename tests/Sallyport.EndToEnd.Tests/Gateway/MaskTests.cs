using Npgsql;
using Sallyport.Testing.Runners;
using Sallyport.Testing.Wire;

namespace Sallyport.EndToEnd.Tests.Gateway;

/// <summary>Values of masked columns never reach a masked principal, and drivers go on working.</summary>
public sealed class MaskTests : IClassFixture<ShopGateway>
{
    private static readonly string[] Secrets =
        ["912-45-6781", "934-71-2096", "4539148803436467", "5425233430109903", "zofia.kranz@mail.test", "t.okonkwo@pier.test", "1970-01-02", "711"];

    private readonly ShopGateway _shop;

    public MaskTests(ShopGateway shop) => _shop = shop;

    private static string Bytes(IEnumerable<PostgresMessage> messages) =>
        string.Join('\n', messages.Select(static m => System.Text.Encoding.Latin1.GetString(m.Body)));

    [Theory]
    [InlineData("select * from customers")]
    [InlineData("table customers")]
    [InlineData("select c.ssn as name, c.email as x from public.customers c")]
    [InlineData("select ssn || name, upper(email), substr(card_number, 1, 8), score + 1 from customers")]
    [InlineData("select string_agg(ssn, ','), max(card_number), array_agg(email), sum(score) from customers")]
    [InlineData("select c from customers c")]
    [InlineData("select c::text from customers c")]
    [InlineData("select row_to_json(c), to_jsonb(c) from customers c")]
    [InlineData("with x as (select ssn s from customers) select s from x union select email from customers")]
    [InlineData("select x.s from (select ssn s from customers) x, lateral (select x.s) y")]
    [InlineData("select case when true then ssn end, coalesce(email, ''), first_value(ssn) over () from customers")]
    [InlineData("select * from contacts")]
    [InlineData("select email || '' from contacts")]
    [InlineData("select (select ssn from customers limit 1)")]
    [InlineData("copy customers to stdout")]
    [InlineData("copy (select ssn from customers) to stdout with (format binary)")]
    [InlineData("explain analyze select * from customers where ssn = '1'")]
    [InlineData("select ssn::int from customers")]
    [InlineData("create temp table copied as select * from customers")]
    [InlineData("select * into temp copied from customers")]
    [InlineData("select * from pg_stats where tablename = 'customers'")]
    [InlineData("select query_to_xml('select * from customers', true, false, '')")]
    [InlineData("begin; declare c cursor for select ssn, email from customers; fetch all from c; commit")]
    [InlineData("prepare p as select ssn, email, card_number from customers; execute p")]
    [InlineData("select set_config('a.b', ssn, false) from customers; show a.b")]
    [InlineData("select set_config('application_name', ssn, false) from customers")]
    [InlineData("select pg_notify('c', ssn) from customers")]
    [InlineData("update contacts set name = email")]
    public async Task Threat30To31_NoValueComesByAnyRoad(string sql)
    {
        await using var client = await _shop.LoginAsync("agent");

        var bytes = Bytes(await client.QueryAsync(sql));

        Assert.All(Secrets, secret => Assert.DoesNotContain(secret, bytes, StringComparison.Ordinal));
        Assert.Contains((await client.QueryAsync("select 'alive'")), static m => m.Type == 'D');
    }

    [Fact]
    public async Task OtherColumnsAndCountsArriveAsTheyAre()
    {
        await using var client = await _shop.LoginAsync("agent");

        Assert.Contains("Zofia Kranz", Bytes(await client.QueryAsync("select id, name, notes, ssn from customers order by id")), StringComparison.Ordinal);
        Assert.Contains("ZOFIA KRANZ", Bytes(await client.QueryAsync("select upper(name) from customers order by id")), StringComparison.Ordinal);
        Assert.Equal(2 + 4 + 1, (await client.QueryAsync("select count(*) from customers"))[1].Body.Length);
        Assert.Contains("************6467", Bytes(await client.QueryAsync("select card_number from customers where id = 1")), StringComparison.Ordinal);
        Assert.Contains("z***@mail.test", Bytes(await client.QueryAsync("select email from customers where id = 1")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheSecondExecutionOfACachedStatementIsMaskedLikeTheFirst()
    {
        await using var client = await _shop.LoginAsync("agent");
        await client.SendAsync(Messages.Parse("s", "select ssn, name from customers order by id"), Messages.Describe('S', "s"), Messages.Sync());
        await client.ReadThroughAsync('Z');

        for (var i = 0; i < 3; i++)
        {
            await client.SendAsync(Messages.Bind("", "s"), Messages.Execute(""), Messages.Sync());
            var messages = await client.ReadThroughAsync('Z');
            Assert.Equal("2DDCZ", string.Concat(messages.Select(static m => m.Type)));
            Assert.Contains("[redacted]", Bytes(messages), StringComparison.Ordinal);
            Assert.Contains("Zofia Kranz", Bytes(messages), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task AnExecuteThatWasNeverDescribedIsMaskedAndItsClientSeesNoDescription()
    {
        await using var client = await _shop.LoginAsync("agent");

        await client.SendAsync(Messages.Parse("", "select ssn, name from customers order by id"), Messages.Bind("", ""), Messages.Execute("", 1), Messages.Execute(""), Messages.Sync());

        var messages = await client.ReadThroughAsync('Z');
        Assert.Equal("12DsDCZ", string.Concat(messages.Select(static m => m.Type)));
        Assert.DoesNotContain("912-45-6781", Bytes(messages), StringComparison.Ordinal);
        Assert.Contains("Zofia Kranz", Bytes(messages), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Threat31_WhatIsRunByNameIsMaskedByWhatItRuns()
    {
        await using var client = await _shop.LoginAsync("agent");
        await client.QueryAsync("prepare q as select ssn || '' as s, name from customers order by id");

        for (var i = 0; i < 2; i++)
        {
            await client.SendAsync(Messages.Parse("e", "execute q"), Messages.Bind("", "e"), Messages.Describe('P', ""), Messages.Execute(""), Messages.Close('S', "e"), Messages.Sync());
            var messages = await client.ReadThroughAsync('Z');
            Assert.DoesNotContain("912-45-6781", Bytes(messages), StringComparison.Ordinal);
            Assert.Contains(messages, static m => m.Type == 'D');
        }
    }

    [Fact]
    public async Task NpgsqlReadsMaskedBinaryValuesByTheirTypes()
    {
        await using var connection = new NpgsqlConnection(_shop.As("agent").ToNpgsql());
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("select id, ssn, card_number, email, born, score, name from customers where id = $1", connection)
        {
            Parameters = { new NpgsqlParameter { Value = 1 } },
        };
        await command.PrepareAsync();

        for (var i = 0; i < 3; i++)
        {
            await using var reader = await command.ExecuteReaderAsync();
            Assert.True(await reader.ReadAsync());
            Assert.Equal(1, reader.GetInt32(0));
            Assert.Equal("[redacted]", reader.GetString(1));
            Assert.Equal("************6467", reader.GetString(2));
            Assert.Equal("z***@mail.test", reader.GetString(3));
            Assert.Equal(new DateTime(2000, 1, 1), reader.GetDateTime(4));
            Assert.Equal(0, reader.GetInt32(5));
            Assert.Equal("Zofia Kranz", reader.GetString(6));
        }
    }

    [Fact]
    public async Task Threat31_ErrorsCarryNoValues()
    {
        await using var client = await _shop.LoginAsync("agent");

        var messages = await client.QueryAsync("select ('x' || ssn)::int from customers");

        Assert.Equal("22P02", messages.Single(static m => m.Type == 'E').Field('C'));
        Assert.All(Secrets, secret => Assert.DoesNotContain(secret, Bytes(messages), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Threat35_ARenamedColumnStaysMasked()
    {
        await _shop.TruthAsync("create table cards (id int, pan text); insert into cards values (1, 'unmasked')");
        await using var agent = await _shop.LoginAsync("agent");
        await agent.QueryAsync("select ssn from customers");
        await using var engineer = await _shop.LoginAsync("engineer");
        await engineer.QueryAsync("alter table customers rename column ssn to social");
        try
        {
            Assert.DoesNotContain("912-45-6781", Bytes(await agent.QueryAsync("select social, name from customers")), StringComparison.Ordinal);
        }
        finally
        {
            await engineer.QueryAsync("alter table customers rename column social to ssn");
        }
    }

    [Fact]
    public async Task PsqlShowsMaskedRows()
    {
        var result = await ClientRunner.PsqlAsync("select name, ssn from customers order by id;\n", _shop.As("agent"));

        Assert.Equal(["Zofia Kranz|[redacted]", "Tunde Okonkwo|[redacted]"], result.Lines);
    }
}
