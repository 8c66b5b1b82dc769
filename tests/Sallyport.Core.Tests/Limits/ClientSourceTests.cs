using System.Net;

namespace Sallyport.Core.Tests.Limits;

public sealed class ClientSourceTests
{
    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7", true)]
    [InlineData("192.0.2.7", "::ffff:192.0.2.7", true)]
    [InlineData("192.0.2.7", "192.0.2.8", false)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData("::", "0.0.0.0", false)]
    public void AnIPv4AddressOrAnIPv6PrefixOf64BitsIsOneSource(string one, string other, bool isSame) =>
        Assert.Equal(isSame, Of(one) == Of(other));

    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7")]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2::/64")]
    public void ASourceIsPrintedAsWhatItCovers(string address, string text) => Assert.Equal(text, Of(address).ToString());

    [Fact]
    public void AClientWithoutAnAddressIsLocal() => Assert.Equal("local", ClientSource.Of(null).ToString());

    [Fact]
    public void Threat4_TheAddressesOfOneIPv6PrefixShareTheirPlaces()
    {
        var limiter = new SourceLimiter(perSource: 2, total: 3);
        var first = limiter.TryEnter(Of("2001:db8::1"));
        Assert.NotNull(limiter.TryEnter(Of("2001:db8::2")));
        Assert.Null(limiter.TryEnter(Of("2001:db8::3")));
        Assert.NotNull(limiter.TryEnter(Of("192.0.2.7")));
        Assert.Null(limiter.TryEnter(Of("192.0.2.8")));

        first!.Dispose();
        first.Dispose();
        Assert.NotNull(limiter.TryEnter(Of("2001:db8::3")));
        Assert.Null(limiter.TryEnter(Of("192.0.2.8")));
    }

    private static ClientSource Of(string address) => ClientSource.Of(IPAddress.Parse(address));
}
