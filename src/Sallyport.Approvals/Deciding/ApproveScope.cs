namespace Sallyport.Approvals;

/// <summary>How far an approval reaches: this command, or for a while the ones like it in the same session.</summary>
public readonly record struct ApproveScope
{
    private ApproveScope(TimeSpan? grant) => GrantFor = grant;

    public static ApproveScope Once => default;

    /// <summary>Null: this command only.</summary>
    public TimeSpan? GrantFor { get; }

    /// <summary>With more than one approver all must grant, and the shortest time is the one that holds.</summary>
    public static ApproveScope Grant(TimeSpan duration)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(duration, TimeSpan.Zero);
        return new ApproveScope(duration);
    }
}
