using Sallyport.Policy;

namespace Sallyport.Hosting.Reloading;

/// <summary>Reads the policy file again and logs what came of it, warnings included.</summary>
internal sealed class PolicyReload
{
    private readonly PolicyHolder _policy;
    private readonly ILogger _log;

    public PolicyReload(PolicyHolder policy, ILogger log)
    {
        _policy = policy;
        _log = log;
    }

    /// <summary>False when the file was refused.</summary>
    public bool Now()
    {
        var before = _policy.Snapshot;
        var isTaken = _policy.Reload();
        if (!isTaken)
            ReloadLog.PolicyRefused(_log, string.Join("; ", _policy.LastErrors));
        else if (_policy.Snapshot != before)
            ReloadLog.PolicyInForce(_log, _policy.Snapshot);
        foreach (var warning in _policy.LastWarnings)
            ReloadLog.PolicyWarning(_log, warning.ToString());
        return isTaken;
    }
}
