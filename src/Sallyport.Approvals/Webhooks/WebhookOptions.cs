using Sallyport.Core;

namespace Sallyport.Approvals;

/// <summary>Where and how holds are told. The secret is <c>whsec_</c> and base64, as the Standard Webhooks text has it.</summary>
public sealed record WebhookOptions
{
    public required Uri Url { get; init; }

    /// <summary>Read at each try, so a rotated secret is met without a restart.</summary>
    public required ICredentialSource Secret { get; init; }

    /// <summary>Sends the command's text (and a modified one) along. Parameters are never sent.</summary>
    public bool IncludeText { get; init; }

    /// <summary>One try, from connecting to the answer's head.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    public int Tries { get; init; } = 5;

    /// <summary>The wait after the first failed try; it doubles with each further one.</summary>
    public TimeSpan FirstWait { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>No wait is longer, whatever <c>Retry-After</c> asks for.</summary>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Messages that wait to be sent; further ones are counted as failures.</summary>
    public int Queue { get; init; } = 1024;

    /// <summary>Messages under way at once, so that one in its retries does not stop the others.</summary>
    public int Parallel { get; init; } = 4;
}
