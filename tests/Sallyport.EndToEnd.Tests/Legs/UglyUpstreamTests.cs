using System.Text;
using Sallyport.Testing.Wire;

namespace Sallyport.EndToEnd.Tests.Legs;

/// <summary>A server that lies ends its own session; the gateway lives, and nothing unmasked slips by.</summary>
public sealed class UglyUpstreamTests : IClassFixture<UglyUpstreams>
{
    private readonly UglyUpstreams _ugly;

    public UglyUpstreamTests(UglyUpstreams ugly) => _ugly = ugly;

    [Theory]
    [InlineData("tls_bytes", "trusted TLS")]
    [InlineData("long_nonce", "refused")]
    [InlineData("foreign_nonce", "refused")]
    public async Task Threat2And9_ALieDuringTheLoginIsRefusedPlainly(string resource, string told)
    {
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => _ugly.LoginAsync(resource));

        Assert.StartsWith("08006", refused.Message, StringComparison.Ordinal);
        Assert.Contains(told, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("length_three")]
    [InlineData("length_negative")]
    [InlineData("length_huge")]
    [InlineData("more_values")]
    [InlineData("no_description")]
    [InlineData("unknown_type")]
    [InlineData("no_sqlstate")]
    public async Task Threat9_ALieInAnAnswerEndsThatSessionOnly(string resource)
    {
        await using var client = await _ugly.LoginAsync(resource);
        await using var other = await _ugly.LoginAsync("honest");
        await client.SendAsync(Messages.Query("select card from cards"));

        var told = await client.ReadThroughAsync('E');

        Assert.True(await client.IsClosedByServerAsync());
        Assert.Equal("FATAL", told[^1].Field('V'));
        Assert.All(told, static message => Assert.DoesNotContain("secret", Encoding.UTF8.GetString(message.Body), StringComparison.Ordinal));
        Assert.Equal('Z', (await other.QueryAsync("select 1"))[^1].Type);
    }

    [Theory]
    [InlineData("catalogue_unknown_type")]
    [InlineData("catalogue_of_words")]
    public async Task Threat9_ALieAboutTheCatalogueLetsNoCommandPass(string resource)
    {
        await using var client = await _ugly.LoginAsync(resource);
        await client.SendAsync(Messages.Query("select card from cards"));

        var told = await client.ReadAsync();

        Assert.Equal('E', told.Type);
        Assert.DoesNotContain("secret", told.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Threat4_AServerThatSaysNothingIsGivenUpInTime()
    {
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => _ugly.LoginAsync("silent"));

        Assert.Contains("does not answer in time", refused.Message, StringComparison.Ordinal);
    }
}
