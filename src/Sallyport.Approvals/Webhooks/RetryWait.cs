using System.Net.Http.Headers;

namespace Sallyport.Approvals;

/// <summary>How long to wait between tries: doubling, with half of it random so that gateways do not come back in step.</summary>
internal static class RetryWait
{
    /// <param name="options">The bounds.</param>
    /// <param name="failed">Tries so far, from 1.</param>
    /// <param name="asked">The receiver's <c>Retry-After</c> (RFC 9110 §10.2.3), which is a least wait.</param>
    /// <param name="now">For a <c>Retry-After</c> that is a date.</param>
    /// <param name="jitter">From 0 to 1.</param>
    public static TimeSpan After(WebhookOptions options, int failed, RetryConditionHeaderValue? asked, DateTimeOffset now, double jitter)
    {
        var doubled = options.FirstWait * Math.Pow(2, Math.Min(failed - 1, 20));
        var wait = Min(doubled, options.LongestWait) * ((1 + jitter) / 2);
        var least = asked?.Delta ?? (asked?.Date - now) ?? TimeSpan.Zero;
        return Min(least > wait ? least : wait, options.LongestWait);
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
