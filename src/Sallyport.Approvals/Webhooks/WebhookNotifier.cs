using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace Sallyport.Approvals;

/// <summary>
/// Tells one receiver of each hold and its outcome (Standard Webhooks 1.0). Never holds the broker up: it reads a bounded
/// subscription. A message keeps its <c>webhook-id</c> over all tries; messages may arrive in another order than they were sent.
/// Follows no redirect. Owns its connections.
/// </summary>
public sealed class WebhookNotifier : IDisposable
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly WebhookOptions _options;
    private readonly TimeProvider _time;
    private readonly HoldMetrics _metrics;
    private readonly HoldSubscription _subscription;
    private readonly HttpClient _client;
    private long _missed;

    /// <summary>Queues from now on; <see cref="RunAsync"/> sends.</summary>
    public WebhookNotifier(HoldFeed feed, WebhookOptions options, TimeProvider time, HoldMetrics metrics)
    {
        _options = options;
        _time = time;
        _metrics = metrics;
        _subscription = feed.Subscribe(options.Queue);
        _client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <summary>Sends until cancelled or disposed; what is under way then is given up. Throws nothing.</summary>
    public Task RunAsync(CancellationToken stopping) =>
        Task.WhenAll(Enumerable.Range(0, _options.Parallel).Select(_ => SendAllAsync(stopping)));

    public void Dispose()
    {
        _subscription.Dispose();
        _client.Dispose();
    }

    private async Task SendAllAsync(CancellationToken stopping)
    {
        try
        {
            await foreach (var change in _subscription.Events.ReadAllAsync(stopping))
            {
                CountMissed();
                if (change.Kind != HoldEventKind.Counted && !await SendAsync(change, stopping))
                    _metrics.WebhookFailed(1);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
    }

    private void CountMissed()
    {
        var missed = _subscription.Missed;
        var before = Interlocked.Exchange(ref _missed, missed);
        if (missed > before)
            _metrics.WebhookFailed(missed - before);
    }

    private async Task<bool> SendAsync(HoldEvent change, CancellationToken stopping)
    {
        var body = WebhookBody.Write(change, _options.IncludeText);
        var id = change.Hold.Id + (change.Kind == HoldEventKind.Ended ? "-ended" : "-asked");
        for (var tries = 1; ; tries++)
        {
            var (verdict, retryAfter) = await TryAsync(id, body, stopping);
            if (verdict != Verdict.Again || tries >= _options.Tries)
                return verdict == Verdict.Taken;
            await Task.Delay(RetryWait.After(_options, tries, retryAfter, _time.GetUtcNow(), Random.Shared.NextDouble()), _time, stopping);
        }
    }

    private async Task<(Verdict Verdict, RetryConditionHeaderValue? RetryAfter)> TryAsync(string id, byte[] body,
        CancellationToken stopping)
    {
        using var request = MakeRequest(id, body);
        if (request is null)
            return (Verdict.Again, null);
        using var timeout = new CancellationTokenSource(_options.Timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stopping);
        try
        {
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            return (Judge(response.StatusCode), response.Headers.RetryAfter);
        }
        catch (Exception) when (!stopping.IsCancellationRequested)
        {
            return (Verdict.Again, null);
        }
    }

    /// <summary>Null when the secret cannot be read or is malformed: an unsigned message is never sent.</summary>
    private HttpRequestMessage? MakeRequest(string id, byte[] body)
    {
        using var secret = _options.Secret.Open();
        var timestamp = _time.GetUtcNow().ToUnixTimeSeconds();
        if (secret is null || WebhookSignature.Sign(secret.Value, id, timestamp, body) is not { } signature)
            return null;
        var request = new HttpRequestMessage(HttpMethod.Post, _options.Url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = Json;
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", timestamp.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("webhook-signature", signature);
        return request;
    }

    /// <summary>What says that the same request cannot succeed (redirects, most of 4xx) is not repeated.</summary>
    private static Verdict Judge(HttpStatusCode status) => (int)status switch
    {
        >= 200 and < 300 => Verdict.Taken,
        408 or 425 or 429 or >= 500 => Verdict.Again,
        _ => Verdict.Never,
    };

    private enum Verdict
    {
        Taken,
        Again,
        Never,
    }
}
