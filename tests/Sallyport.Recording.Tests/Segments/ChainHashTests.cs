using Sallyport.Recording.Segments;

namespace Sallyport.Recording.Tests.Segments;

/// <summary>
/// Against the reference implementation (b3sum 1.2.0): bytes counting up to 250 and again, in the lengths of the official test vectors
/// and of a block. Each width of the processor's vectors takes another way.
/// </summary>
public sealed class ChainHashTests
{
    [Theory]
    [InlineData(0, "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262")]
    [InlineData(1, "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213")]
    [InlineData(64, "4eed7141ea4a5cd4b788606bd23f46e212af9cacebacdc7d1f4c6dc7f2511b98")]
    [InlineData(1023, "10108970eeda3eb932baac1428c7a2163b0e924c9a9e25b35bba72b28f70bd11")]
    [InlineData(1024, "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7")]
    [InlineData(1025, "d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444")]
    [InlineData(2048, "e776b6028c7cd22a4d0ba182a8bf62205d2ef576467e838ed6f2529b85fba24a")]
    [InlineData(4097, "9b4052b38f1c5fc8b1f9ff7ac7b27cd242487b3d890d15c96a1c25b8aa0fb995")]
    [InlineData(8192, "aae792484c8efe4f19e2ca7d371d8c467ffb10748d8a5a1ae579948f718a2a63")]
    [InlineData(31744, "62b6960e1a44bcc1eb1a611a8d6235b6b4b78f32e7abc4fb4c6cdcce94895c47")]
    [InlineData(102400, "bc3e3d41a1146b069abffad3c0d44860cf664390afce4d9661f7902e7943e085")]
    [InlineData(1048699, "1f0e4006823934b53debfd97cb64d929c8f1aa89ebbe8c5a5460b212cfe77424")]
    public void TheReferenceImplementationSaysTheSame(int length, string hash)
    {
        var bytes = Enumerable.Range(0, length).Select(static i => (byte)(i % 251)).ToArray();
        Assert.Equal(hash, Convert.ToHexStringLower(ChainHash.Compute(bytes)));
    }

    [Fact]
    public void ABlockAllocatesNothing()
    {
        byte[] block = new byte[1 << 20], hash = new byte[ChainHash.Size];
        ChainHash.Compute(block, hash);
        var before = GC.GetAllocatedBytesForCurrentThread();
        ChainHash.Compute(block, hash);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
