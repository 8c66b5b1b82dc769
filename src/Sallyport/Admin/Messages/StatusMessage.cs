namespace Sallyport.Admin;

/// <summary>How the gateway is: <see cref="Faults"/> is empty when it is well.</summary>
internal sealed record StatusMessage(string Version, string Policy, DateTimeOffset StartedAt, int LiveSessions,
    IReadOnlyList<string> Faults);
