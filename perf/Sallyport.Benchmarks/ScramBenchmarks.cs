using System.Security.Cryptography;
using System.Text;
using BenchmarkDotNet.Attributes;
using Sallyport.Core;
using Sallyport.Identity;
using Sallyport.Postgres.Authentication;

namespace Sallyport.Benchmarks;

/// <summary>
/// A login: the gateway's side of a SCRAM exchange with what little its client does, and what deriving the keys from a secret costs
/// (the client's part, and the gateway's where a secret comes as it is).
/// </summary>
[MemoryDiagnoser]
public class ScramBenchmarks
{
    private static readonly byte[] Secret = "correct horse battery staple"u8.ToArray();

    private readonly byte[] _salt = RandomNumberGenerator.GetBytes(ScramSha256.SaltLength);
    private readonly Principal _ana = new() { Name = "ana" };
    private byte[] _clientKey = [];
    private ScramVerifiers _verifiers = null!;

    [GlobalSetup]
    public void Derived()
    {
        var (storedKey, serverKey) = Derive();
        _verifiers = new ScramVerifiers(_salt, ScramSha256.Iterations, [new ScramKeys(storedKey, serverKey, _ana)]);
        var salted = Rfc2898DeriveBytes.Pbkdf2(Secret, _salt, ScramSha256.Iterations, HashAlgorithmName.SHA256, 32);
        _clientKey = HMACSHA256.HashData(salted, "Client Key"u8);
        if (Exchange() != "ana")
            throw new InvalidOperationException("The exchange proves nobody.");
    }

    [Benchmark(Baseline = true)]
    public string Exchange()
    {
        var server = new ScramServer(_verifiers, plus: false, channelBinding: null);
        const string FirstBare = "n=,r=rOprNGfwEbeRWgbNEkqO";
        var serverFirst = Encoding.ASCII.GetString(server.First(Encoding.ASCII.GetBytes("n,," + FirstBare))!);
        var finalBare = $"c=biws,{serverFirst[..serverFirst.IndexOf(",s=", StringComparison.Ordinal)]}";
        Span<byte> proof = stackalloc byte[32], storedKey = stackalloc byte[32];
        SHA256.HashData(_clientKey, storedKey);
        HMACSHA256.HashData(storedKey, Encoding.ASCII.GetBytes($"{FirstBare},{serverFirst},{finalBare}"), proof);
        for (var i = 0; i < proof.Length; i++)
            proof[i] ^= _clientKey[i];
        return server.Final(Encoding.ASCII.GetBytes($"{finalBare},p={Convert.ToBase64String(proof)}"))?.Principal.Name ?? "";
    }

    [Benchmark]
    public (byte[] StoredKey, byte[] ServerKey) Derive() => ScramSha256.Derive(Secret, _salt, ScramSha256.Iterations);
}
