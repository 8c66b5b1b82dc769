using System.Text;
using Sallyport.Identity;

namespace Sallyport.Ssh.Tests.Authentication.Support;

/// <summary>The real verifier over a configuration of a few people: ana has the keys, an authority certifies, bob has a secret.</summary>
internal static class TestIdentity
{
    public const string Secret = "a-secret-of-bob-that-is-long-enough";

    public static IdentityVerifier Make(IEnumerable<byte[]> keysOfAna, byte[]? authority = null, params SerialRange[] revoked) => new(
        new IdentityOptions
        {
            Principals =
            [
                new PrincipalOptions { Name = "ana", Groups = ["oncall"], PublicKeys = [.. keysOfAna.Select(static k => (ReadOnlyMemory<byte>)k)] },
                new PrincipalOptions { Name = "bob", Kind = PrincipalKind.Agent, Secret = new FixedCredential(Secret) },
            ],
            CertificateAuthorities = authority is null
                ? []
                : [new CertificateAuthorityOptions { PublicKey = authority, Groups = ["certified"], Revoked = revoked }],
        },
        new NoStore(), new LoginSalts(new byte[32]), TimeProvider.System);

    /// <summary>There are no issued secrets.</summary>
    private sealed class NoStore : ISecretStore
    {
        public ValueTask AddAsync(StoredSecret secret, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<IReadOnlyList<StoredSecret>> ListLiveAsync(DateTimeOffset now, CancellationToken cancellationToken) => new([]);

        public ValueTask<bool> RevokeAsync(string id, DateTimeOffset at, CancellationToken cancellationToken) => new(false);

        public ValueTask<bool> TrySpendAsync(string id, DateTimeOffset at, CancellationToken cancellationToken) => new(false);
    }
}

/// <summary>A credential that a test writes out.</summary>
internal sealed class FixedCredential(string value) : ICredentialSource
{
    public string Description => "fixed:test";

    public CredentialHandle? Open() => new(Encoding.UTF8.GetBytes(value));
}
