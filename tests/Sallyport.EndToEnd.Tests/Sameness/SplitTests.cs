using Sallyport.EndToEnd.Tests.Gateway;
using Sallyport.Testing.Wire;

namespace Sallyport.EndToEnd.Tests.Sameness;

/// <summary>How TCP cuts a pipeline into pieces changes no byte of its answers.</summary>
public sealed class SplitTests : IClassFixture<ShopGateway>
{
    private const string Masked = "select id, ssn, card_number, born from customers where id < $1 order by id";

    private readonly ShopGateway _shop;

    public SplitTests(ShopGateway shop) => _shop = shop;

    /// <summary>Allowed, denied (which skips to the Sync), masked, allowed, and the same behind it without a denial, then simple
    /// queries.</summary>
    public static byte[] Mixed { get; } = Messages.Join(
        Messages.Parse("", "select 1 as ok"), Messages.Bind("", ""), Messages.Describe('P', ""), Messages.Execute(""),
        Messages.Parse("", "drop table orders"), Messages.Bind("", ""), Messages.Execute(""),
        Messages.Parse("", Masked), Messages.Bind("", "", "9"), Messages.Execute(""),
        Messages.Sync(),
        Messages.Parse("", Masked), Messages.Bind("", "", "9"), Messages.Execute("", 1), Messages.Execute(""),
        Messages.Parse("", "select 2 as ok"), Messages.Bind("", ""), Messages.Execute(""),
        Messages.Sync(),
        Messages.Query("drop table orders"), Messages.Query("select ssn from customers; select 3"),
        Messages.Query("select nothing_like_it"));

    /// <summary>Statements and portals with names, described, run twice, denied at Execute, and closed again.</summary>
    public static byte[] Named { get; } = Messages.Join(
        Messages.Parse("ok", "select $1::text as ok"), Messages.Parse("masked", Masked), Messages.Describe('S', "masked"),
        Messages.Bind("one", "masked", "2"), Messages.Execute("one"),
        Messages.Bind("two", "masked", "3"), Messages.Describe('P', "two"), Messages.Execute("two", 1), Messages.Message('H'),
        Messages.Execute("two"),
        Messages.Bind("", "ok", "text"), Messages.Execute(""),
        Messages.Sync(),
        Messages.Parse("closed", "select salary from payroll"), Messages.Bind("", "ok", "skipped"), Messages.Execute(""), Messages.Sync(),
        Messages.Bind("", "masked", "9"), Messages.Execute(""), Messages.Bind("", "closed"), Messages.Execute(""), Messages.Sync(),
        Messages.Close('S', "ok"), Messages.Close('S', "masked"), Messages.Close('P', "none"), Messages.Sync());

    [Theory]
    [InlineData(nameof(Mixed), 5)]
    [InlineData(nameof(Named), 4)]
    public async Task APipelineSplitInTwoAtEveryByteIsAnsweredAlike(string name, int turns)
    {
        var pipeline = name == nameof(Mixed) ? Mixed : Named;
        await using var client = await _shop.LoginAsync("agent");
        await client.SendAsync(pipeline);
        var whole = await AnswerAsync(client, turns);
        Assert.Contains("[redacted]", whole, StringComparison.Ordinal);
        Assert.Contains("42501", whole, StringComparison.Ordinal);

        for (var offset = 1; offset < pipeline.Length; offset++)
        {
            await client.SendSplitAsync(pipeline, offset);
            Assert.Equal($"{offset}: {whole}", $"{offset}: {await AnswerAsync(client, turns)}");
        }
    }

    [Theory]
    [InlineData(nameof(Mixed), 5)]
    [InlineData(nameof(Named), 4)]
    public async Task APipelineThatComesByteByByteIsAnsweredAlike(string name, int turns)
    {
        var pipeline = name == nameof(Mixed) ? Mixed : Named;
        await using var client = await _shop.LoginAsync("agent");
        await client.SendAsync(pipeline);
        var whole = await AnswerAsync(client, turns);

        foreach (var single in pipeline)
            await client.SendAsync([single]);

        Assert.Equal(whole, await AnswerAsync(client, turns));
    }

    private static async Task<string> AnswerAsync(RawPostgresClient client, int turns)
    {
        var answer = new List<string>();
        for (var turn = 0; turn < turns; turn++)
            answer.AddRange((await client.ReadThroughAsync('Z')).Select(static m => $"{m.Type} {Convert.ToHexString(m.Body)} {m.Text}"));
        return string.Join('\n', answer);
    }
}
