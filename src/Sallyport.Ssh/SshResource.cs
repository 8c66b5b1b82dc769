using System.Collections.Frozen;
using Sallyport.Ssh.Commands;
using Sallyport.Ssh.Keys.Hosts;

namespace Sallyport.Ssh;

/// <summary>A host behind the gateway: where it is, whom the gateway is there, and by what it is known. Immutable.</summary>
public sealed record SshResource(string Name, FrozenDictionary<string, string> Labels) : Resource(Name, ResourceKind.Ssh, Labels)
{
    public required string Host { get; init; }

    public required int Port { get; init; }

    /// <summary>The account there.</summary>
    public required string User { get; init; }

    /// <summary>A private key in any of the usual formats, or null.</summary>
    public ICredentialSource? PrivateKey { get; init; }

    /// <summary>What the private key is encrypted with, or null.</summary>
    public ICredentialSource? Passphrase { get; init; }

    public ICredentialSource? Password { get; init; }

    /// <summary>A key of its own for each session, with a certificate of the gateway's authority for <see cref="User"/>.</summary>
    public bool UsesCertificate { get; init; }

    /// <summary>What the host's key is verified against.</summary>
    public required HostKeyList HostKeys { get; init; }

    /// <summary>Where <see cref="HostKeys"/> has nothing, the first key that is shown is trusted and recorded.</summary>
    public bool TrustsFirstUse { get; init; }

    /// <summary>What reads exec lines there.</summary>
    public TargetShell Shell { get; init; }

    /// <summary>Also takes key exchanges that only old servers need.</summary>
    public bool IsLegacy { get; init; }

    /// <summary>What clients type and pipe in is recorded.</summary>
    public bool RecordsInput { get; init; } = true;

    public Durability RecordReads { get; init; }

    public Durability RecordWrites { get; init; } = Durability.Durable;
}
