using System.Text;
using Sallyport.Testing.Wire;

namespace Sallyport.EndToEnd.Tests.Gateway;

/// <summary>A principal without masked columns, whose answers are searched for what looks like a card, a number of a person, an address.</summary>
public sealed class DetectorTests : IClassFixture<MaskingGateway>
{
    private readonly MaskingGateway _gateway;

    public DetectorTests(MaskingGateway gateway) => _gateway = gateway;

    private static void AssertClean(IEnumerable<PostgresMessage> messages)
    {
        var bytes = string.Join('\n', messages.Select(static m => Encoding.Latin1.GetString(m.Body)));
        Assert.DoesNotContain("4539148803436467", bytes, StringComparison.Ordinal);
        Assert.DoesNotContain("412-45-6781", bytes, StringComparison.Ordinal);
        Assert.DoesNotContain("a.b@mail.test", bytes, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("select body, data from texts")]
    [InlineData("select upper(body), data::text, id from texts")]
    [InlineData("select t from texts t")]
    [InlineData("select array_agg(body) from texts")]
    [InlineData("select row_to_json(t) from texts t")]
    public async Task Threat33_WhatIsFoundIsMaskedWhereverItStands(string sql)
    {
        await using var client = await _gateway.LoginAsync("searched");

        var messages = await client.QueryAsync(sql);

        Assert.Contains(messages, static m => m.Type == 'D');
        AssertClean(messages);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task EveryExecutionOfAStatementIsSearchedInEitherFormat(short format)
    {
        await using var client = await _gateway.LoginAsync("searched");
        await client.SendAsync(Messages.Parse("s", "select body, id from texts"), Messages.Sync());
        await client.ReadThroughAsync('Z');
        var bind = Messages.Message('B', [0], Messages.CString("s"), Messages.Int16(0), Messages.Int16(0), Messages.Int16(1), Messages.Int16(format));

        for (var i = 0; i < 3; i++)
        {
            await client.SendAsync(bind, Messages.Execute(""), Messages.Sync());
            var messages = await client.ReadThroughAsync('Z');
            Assert.Equal("2DCZ", string.Concat(messages.Select(static m => m.Type)));
            AssertClean(messages);
            Assert.Contains("card ", messages[1].Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task WhatIsNotFoundArrives()
    {
        await using var client = await _gateway.LoginAsync("searched");

        Assert.Contains("kettle", (await client.QueryAsync("select item, amount from orders order by id"))[1].Text, StringComparison.Ordinal);
    }
}
