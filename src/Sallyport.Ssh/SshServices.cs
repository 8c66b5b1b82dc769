using Microsoft.Extensions.Logging;
using Sallyport.Ssh.Upstream;

namespace Sallyport.Ssh;

/// <summary>What every SSH session uses; one for the process.</summary>
public sealed record SshServices(
    ISessionOpener Sessions,
    IIdentityVerifier Identity,
    IDecider Decider,
    IApprovalBroker Approvals,
    IStreamMaskers Maskers,
    SshConnector Upstreams,
    BudgetLedger Budgets,
    SshSessionOptions Options,
    TimeProvider Time,
    ILoggerFactory Logs);
