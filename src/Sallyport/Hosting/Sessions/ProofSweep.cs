using Sallyport.Core;

namespace Sallyport.Hosting.Sessions;

/// <summary>
/// Ends sessions whose proof was revoked or has expired, so that those that ask nothing end as well. (One that asks is refused at that
/// command by its protocol.) What is on its way to a client is cut, an approver's wait is withdrawn.
/// </summary>
internal sealed class ProofSweep : IDisposable
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly SessionRegistry _registry;
    private readonly IIdentityVerifier _identity;
    private readonly ILogger _log;
    private readonly ITimer _timer;

    public ProofSweep(SessionRegistry registry, IIdentityVerifier identity, TimeProvider time, ILogger log)
    {
        _registry = registry;
        _identity = identity;
        _log = log;
        _timer = time.CreateTimer(static sweep => ((ProofSweep)sweep!).Look(), this, Interval, Interval);
    }

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        foreach (var session in _registry.Live)
        {
            try
            {
                if (!_identity.IsLive(session.Principal))
                    session.Kill("its proof of identity expired or was revoked", SessionEnd.ProofExpired);
            }
            catch (Exception e)
            {
                // It runs from a timer, and one session must not keep the others.
                SessionLog.SweepFailed(_log, e);
            }
        }
    }
}
