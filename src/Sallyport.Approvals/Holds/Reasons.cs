namespace Sallyport.Approvals;

/// <summary>What clients and the record read when no person gave the reason.</summary>
internal static class Reasons
{
    public const string Late = "nobody decided in time";
    public const string Unused = "approved, but not used in time";
    public const string Gone = "the client took it back or went away";
    public const string Replaced = "asked again under another rule";
    public const string SessionClosed = "the session ended";
    public const string Stopping = "the gateway is stopping";
    public const string Restarted = "gateway restarted";
    public const string StoreFailed = "the store cannot take the hold";
    public const string TooLong = "the command is too long to be shown to an approver";
    public const string TooManyOfSession = "too many commands of this session wait for approval";
    public const string TooManyOfPrincipal = "too many commands of this principal wait for approval";
    public const string TooMany = "too many commands wait for approval";
    public const string NotWhole = "the hold is not whole: it needs a hash of 32 bytes and an id that is not in use";
}
