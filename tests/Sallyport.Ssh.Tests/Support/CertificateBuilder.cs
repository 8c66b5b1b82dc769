using System.Security.Cryptography;
using Sallyport.Ssh.Keys;
using Sallyport.Ssh.Keys.Signing;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Tests.Support;

/// <summary>Certificates that no proper authority would make; by default one that is right in everything.</summary>
internal sealed record CertificateBuilder(ISigner Authority, byte[] Key)
{
    public byte[] Nonce { get; init; } = RandomNumberGenerator.GetBytes(32);

    public ulong Serial { get; init; } = 7;

    public uint Kind { get; init; } = 1;

    public string KeyId { get; init; } = "id";

    public string[] Principals { get; init; } = ["ana"];

    public ulong ValidAfter { get; init; }

    public ulong ValidBefore { get; init; } = ulong.MaxValue;

    public (string Name, string? Data)[] Critical { get; init; } = [];

    public (string Name, string? Data)[] Extensions { get; init; } = [("permit-pty", null)];

    /// <summary>Instead of the authority's key.</summary>
    public byte[]? AuthorityBlob { get; init; }

    public byte[] Build()
    {
        var key = new SshReader(Key);
        Assert.True(key.TryReadString(out var type));
        var blob = new SshWriter().String(KeyAlgorithm.Certified(System.Text.Encoding.ASCII.GetString(type))).String(Nonce).Bytes(key.Rest)
            .UInt64(Serial).UInt32(Kind).String(KeyId).String(Pack(Principals)).UInt64(ValidAfter).UInt64(ValidBefore)
            .String(Pack(Critical)).String(Pack(Extensions)).String([]).String(AuthorityBlob ?? Authority.PublicKey.Span);
        return blob.String(Authority.Sign(Authority.Algorithms[0], blob.Written)).WrittenMemory.ToArray();
    }

    public static Ed25519Signer NewKey() => Ed25519Signer.Generate();

    private static byte[] Pack(string[] names)
    {
        var writer = new SshWriter();
        foreach (var name in names)
            writer.String(name);
        return writer.WrittenMemory.ToArray();
    }

    private static byte[] Pack((string Name, string? Data)[] options)
    {
        var writer = new SshWriter();
        foreach (var (name, data) in options)
            writer.String(name).String(data is null ? [] : new SshWriter().String(data).Written);
        return writer.WrittenMemory.ToArray();
    }
}
