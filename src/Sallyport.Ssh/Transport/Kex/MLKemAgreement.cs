using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Kems;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Security;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Transport.Kex;

/// <summary>
/// mlkem768x25519-sha256 (draft-ietf-sshm-mlkem-hybrid-kex): the hash of an ML-KEM-768 secret and of an X25519 secret. Both must break
/// before the keys are known.
/// </summary>
internal sealed class MLKemAgreement : KeyAgreement
{
    private const int EncapsulationKeyLength = 1184;
    private const int CiphertextLength = 1088;
    private const int SecretLength = 32;

    private static readonly MLKemParameters Parameters = MLKemParameters.ml_kem_768;

    private readonly X25519Agreement _curve = new();
    private MLKemPrivateKeyParameters? _private;

    public override HashAlgorithmName Hash => HashAlgorithmName.SHA256;

    public override byte[] Open()
    {
        var generator = new MLKemKeyPairGenerator();
        generator.Init(new MLKemKeyGenerationParameters(new SecureRandom(), Parameters));
        var pair = generator.GenerateKeyPair();
        _private = (MLKemPrivateKeyParameters)pair.Private;
        return [.. ((MLKemPublicKeyParameters)pair.Public).GetEncoded(), .. _curve.Open()];
    }

    public override bool TryAnswer(
        ReadOnlySpan<byte> client, [NotNullWhen(true)] out byte[]? server, [NotNullWhen(true)] out byte[]? secret)
    {
        server = secret = null;
        if (client.Length != EncapsulationKeyLength + X25519Agreement.PointLength)
            return false;
        Span<byte> secrets = stackalloc byte[SecretLength + X25519Agreement.PointLength];
        if (!_curve.TryAgree(client[EncapsulationKeyLength..], secrets[SecretLength..]))
            return false;
        var answer = new byte[CiphertextLength + X25519Agreement.PointLength];
        try
        {
            // Refuses a key with a coefficient that is not reduced (FIPS 203 §7.2).
            var key = MLKemPublicKeyParameters.FromEncoding(Parameters, client[..EncapsulationKeyLength].ToArray());
            var encapsulator = new MLKemEncapsulator(Parameters);
            encapsulator.Init(key);
            encapsulator.Encapsulate(answer.AsSpan(0, CiphertextLength), secrets[..SecretLength]);
        }
        catch (ArgumentException)
        {
            return false;
        }
        _curve.Open().CopyTo(answer.AsSpan(CiphertextLength));
        server = answer;
        secret = Combine(secrets);
        return true;
    }

    public override bool TryFinish(ReadOnlySpan<byte> server, [NotNullWhen(true)] out byte[]? secret)
    {
        secret = null;
        if (_private is null || server.Length != CiphertextLength + X25519Agreement.PointLength)
            return false;
        Span<byte> secrets = stackalloc byte[SecretLength + X25519Agreement.PointLength];
        if (!_curve.TryAgree(server[CiphertextLength..], secrets[SecretLength..]))
            return false;
        var decapsulator = new MLKemDecapsulator(Parameters);
        decapsulator.Init(_private);
        decapsulator.Decapsulate(server[..CiphertextLength], secrets[..SecretLength]);
        secret = Combine(secrets);
        return true;
    }

    public override void Dispose() => _curve.Dispose();

    private static byte[] Combine(Span<byte> secrets)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(secrets, hash);
        CryptographicOperations.ZeroMemory(secrets);
        return new SshWriter(36).String(hash).Written.ToArray();
    }
}
