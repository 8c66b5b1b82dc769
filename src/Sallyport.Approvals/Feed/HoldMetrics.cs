using System.Diagnostics.Metrics;
using Sallyport.Core;

namespace Sallyport.Approvals;

/// <summary>
/// The meter <c>Sallyport.Approvals</c>: <c>sallyport.holds.waiting</c> (holds), <c>sallyport.hold.duration</c> (seconds, by outcome),
/// <c>sallyport.webhook.failures</c> (messages given up or not queued).
/// </summary>
public sealed class HoldMetrics : IDisposable
{
    public const string MeterName = "Sallyport.Approvals";

    private readonly Meter _meter = new(MeterName);
    private readonly UpDownCounter<long> _waiting;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _webhookFailures;

    public HoldMetrics()
    {
        _waiting = _meter.CreateUpDownCounter<long>("sallyport.holds.waiting", "{hold}", "Holds and tickets that wait for people");

        // From a person at the keyboard to the longest ticket.
        var buckets = new InstrumentAdvice<double> { HistogramBucketBoundaries = [1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600, 14400] };
        _duration = _meter.CreateHistogram("sallyport.hold.duration", "s", "From asking to the outcome", advice: buckets);
        _webhookFailures = _meter.CreateCounter<long>("sallyport.webhook.failures", "{message}", "Webhook messages that were given up");
    }

    internal void Waits(Hold hold) => _waiting.Add(1, ResourceTag(hold));

    internal void Ends(Hold hold, HoldState state, TimeSpan after)
    {
        _waiting.Add(-1, ResourceTag(hold));
        _duration.Record(after.TotalSeconds, ResourceTag(hold), new("sallyport.outcome", state.ToString().ToLowerInvariant()));
    }

    internal void WebhookFailed(long count) => _webhookFailures.Add(count);

    public void Dispose() => _meter.Dispose();

    private static KeyValuePair<string, object?> ResourceTag(Hold hold) => new("sallyport.resource", hold.Resource);
}
