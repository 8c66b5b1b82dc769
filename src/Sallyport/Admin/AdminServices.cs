using Sallyport.Approvals;
using Sallyport.Core;
using Sallyport.Hosting.Sessions;
using Sallyport.Identity;

namespace Sallyport.Admin;

/// <summary>What the admin API works on. The parts are owned by the gateway, not by the API.</summary>
internal sealed record AdminServices
{
    public required IIdentityVerifier Identity { get; init; }

    public required AdminAccess Access { get; init; }

    public required SessionRegistry Registry { get; init; }

    public required ISessionStore Sessions { get; init; }

    public required ISecretStore Secrets { get; init; }

    public required RecordingSource Recordings { get; init; }

    public required SecretIssuer Issuer { get; init; }

    public required ApprovalBroker Broker { get; init; }

    public required IDecider Decider { get; init; }

    /// <summary>What is wrong now, one line each; empty when all is well.</summary>
    public required Func<IReadOnlyList<string>> Faults { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required TimeProvider Time { get; init; }

    public required ILogger Log { get; init; }
}
