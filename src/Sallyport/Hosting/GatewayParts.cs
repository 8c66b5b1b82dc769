using Sallyport.Approvals;
using Sallyport.Core;
using Sallyport.Hosting.Sessions;
using Sallyport.Identity;

namespace Sallyport.Hosting;

/// <summary>The parts that the host joins, already open. Whoever made them closes them after the host has stopped.</summary>
internal sealed record GatewayParts
{
    public required IDecider Decider { get; init; }

    public required IRecorder Recorder { get; init; }

    public required IIdentityVerifier Identity { get; init; }

    public required SecretIssuer Issuer { get; init; }

    public required ApprovalBroker Broker { get; init; }

    public required ISessionStore Sessions { get; init; }

    public required ISecretStore Secrets { get; init; }

    public required RecordingSource Recordings { get; init; }

    /// <summary>What is wrong now, one line each; empty when all is well.</summary>
    public required Func<IReadOnlyList<string>> Faults { get; init; }
}
