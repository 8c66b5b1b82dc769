using System.Text;
using Sallyport.Testing.Wire;

namespace Sallyport.EndToEnd.Tests.Gateway;

/// <summary>Roads round the masks for somebody who may do everything else, several statements long where it takes several.</summary>
public sealed class MaskEvasionTests : IClassFixture<MaskingGateway>
{
    private static readonly string[] Secrets = Spellings("912-45-6781", "934-71-2096", "4539148803436467", "5425233430109903", "71193", "72284", "987-65-4320", "955-12-3456", "966-11-2233", "977-88-9900");

    private readonly MaskingGateway _gateway;

    public MaskEvasionTests(MaskingGateway gateway) => _gateway = gateway;

    private static string[] Spellings(params string[] values) =>
    [
        .. values.SelectMany(static v => new[]
        {
            v, new string([.. v.Reverse()]), Convert.ToHexString(Encoding.ASCII.GetBytes(v)).ToLowerInvariant(),
            Convert.ToBase64String(Encoding.ASCII.GetBytes(v)).TrimEnd('='), v.Replace("-", "", StringComparison.Ordinal),
        }).Distinct(),
    ];

    public static TheoryData<string> Roads => new(File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Gateway", "mask-evasion.txt"))
        .Where(static line => line.Length > 0 && line[0] != '#'));

    [Theory]
    [MemberData(nameof(Roads))]
    public async Task Threat30To33_NoSpellingOfAValueComes(string road)
    {
        await using var client = await _gateway.LoginAsync("writer");
        var bytes = new StringBuilder();

        await client.QueryAsync("begin");
        foreach (var sql in road.Split(" ;; "))
        {
            await client.QueryAsync("savepoint s");
            var messages = await client.QueryAsync(sql);
            bytes.AppendJoin('\n', messages.Select(static m => Encoding.Latin1.GetString(m.Body)));
            if (messages.Any(static m => m.Type == 'E'))
                await client.QueryAsync("rollback to s");
        }

        var all = bytes.ToString();
        Assert.All(Secrets, secret => Assert.DoesNotContain(secret, all, StringComparison.Ordinal));
        Assert.Contains(await client.QueryAsync("select 'alive'"), static m => m.Type == 'D');
        await client.QueryAsync("rollback");
    }

    [Theory]
    [MemberData(nameof(Roads))]
    public async Task Threat31_NoSpellingOfAValueComesByTheExtendedProtocolInBinary(string road)
    {
        await using var client = await _gateway.LoginAsync("writer");
        var bytes = new StringBuilder();

        await client.QueryAsync("begin");
        foreach (var sql in road.Split(" ;; "))
        {
            await client.QueryAsync("savepoint s");
            await client.SendAsync(Messages.Parse("", sql), Messages.Message('B', [0, 0], Messages.Int16(0), Messages.Int16(0), Messages.Int16(1), Messages.Int16(1)), Messages.Execute(""), Messages.Sync());
            var messages = await client.ReadThroughAsync('Z');
            bytes.AppendJoin('\n', messages.Select(static m => Encoding.Latin1.GetString(m.Body)));
            if (messages.Any(static m => m.Type == 'E'))
                await client.QueryAsync("rollback to s");
        }

        var all = bytes.ToString();
        Assert.All(Secrets, secret => Assert.DoesNotContain(secret, all, StringComparison.Ordinal));
        await client.QueryAsync("rollback");
    }

    [Theory]
    [InlineData("select id, name, notes from customers order by id", "Zofia Kranz")]
    [InlineData("select name, ssn from customers order by id", "Zofia Kranz")]
    [InlineData("select initcap(lower(name)) from customers order by id", "Zofia Kranz")]
    [InlineData("select c.name, o.item from customers c join orders o on o.customer_id = c.id order by o.id", "kettle")]
    [InlineData("with c as (select * from customers) select name from c order by id", "Zofia Kranz")]
    [InlineData("select name from customers c order by id limit 1 offset 1", "Tunde Okonkwo")]
    [InlineData("select count(*) as n, 'n=' || 2 from customers", "2")]
    [InlineData("select lower(item) from orders order by id", "kettle")]
    [InlineData("update customers set notes = 'seen' where id = 1 returning name", "Zofia Kranz")]
    [InlineData("insert into customers (id, name, ssn) values (9, 'New Person', '900-00-0000') returning id, name", "New Person")]
    [InlineData("insert into orders (id, customer_id, item) select 9, id, 'spoon' from orders where id = 1 returning item", "spoon")]
    [InlineData("update orders set item = item || '!' where id = 1 returning item", "kettle!")]
    [InlineData("select pg_catalog.upper(item) from orders order by id", "KETTLE")]
    [InlineData("select name from people", "Ines Moreau")]
    [InlineData("select c.name from customers c natural join (values (1)) v(id)", "Zofia Kranz")]
    [InlineData("select distinct name from customers order by 1 desc", "Zofia Kranz")]
    [InlineData("copy orders to stdout", "kettle")]
    [InlineData("explain select name from customers", "Seq Scan")]
    public async Task WhatIsNotMaskedArrives(string sql, string expected)
    {
        await using var client = await _gateway.LoginAsync("writer");

        await client.QueryAsync("begin");
        var bytes = string.Join('\n', (await client.QueryAsync(sql)).Select(static m => m.Text));

        Assert.Contains(expected, bytes, StringComparison.Ordinal);
        await client.QueryAsync("rollback");
    }
}
