using System.Diagnostics.Metrics;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Sallyport.Core;

namespace Sallyport.Approvals.Tests;

public sealed class WebhookTests : IDisposable
{
    private static readonly byte[] Key = Encoding.ASCII.GetBytes("a key of thirty-two bytes exactly");

    private readonly BrokerFixture _fixture = new();
    private readonly HoldMetrics _metrics = new();
    private readonly CancellationTokenSource _stop = new();

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
        _fixture.Dispose();
        _metrics.Dispose();
    }

    [Fact]
    public async Task AskedAndEndedAreToldAndSignedAndShowNoTextOrParameters()
    {
        await using var receiver = await Receiver.StartAsync((_, _) => { });
        using var notifier = Start(OptionsFor(receiver));
        var hold = _fixture.NewHold() with { Parameters = [new HoldParameter("text", "4111111111111111")] };
        _fixture.Ask(hold);
        var asked = await receiver.NextAsync();
        await _fixture.ApproveAsync(hold.Id);
        var ended = await receiver.NextAsync();

        AssertSigned(asked);
        AssertSigned(ended);
        Assert.Equal((hold.Id + "-asked", hold.Id + "-ended"), (asked.Id, ended.Id));
        Assert.Equal("application/json", asked.ContentType);
        using var first = JsonDocument.Parse(asked.Body);
        using var second = JsonDocument.Parse(ended.Body);
        Assert.Equal("hold.asked", first.RootElement.GetProperty("type").GetString());
        Assert.Equal("bot-7", first.RootElement.GetProperty("data").GetProperty("principal").GetString());
        Assert.Equal("hold.ended", second.RootElement.GetProperty("type").GetString());
        Assert.Equal("approved", second.RootElement.GetProperty("data").GetProperty("state").GetString());
        Assert.Equal("dana", second.RootElement.GetProperty("data").GetProperty("by")[0].GetString());
        Assert.DoesNotContain("where id", Encoding.UTF8.GetString([.. asked.Body, .. ended.Body]), StringComparison.Ordinal);
        Assert.DoesNotContain("4111", Encoding.UTF8.GetString([.. asked.Body, .. ended.Body]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheTextGoesAlongWhenConfiguredAndParametersStillDoNot()
    {
        await using var receiver = await Receiver.StartAsync((_, _) => { });
        using var notifier = Start(OptionsFor(receiver) with { IncludeText = true });
        _fixture.Ask(_fixture.NewHold() with { Parameters = [new HoldParameter("text", "4111111111111111")] });
        var body = Encoding.UTF8.GetString((await receiver.NextAsync()).Body);

        Assert.Contains("delete from orders where id = 7", body, StringComparison.Ordinal);
        Assert.DoesNotContain("4111", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AFailingReceiverIsTriedAgainWithTheSameIdAndASignatureOfItsOwn()
    {
        await using var receiver = await Receiver.StartAsync((number, response) => response.StatusCode = number < 3 ? 503 : 204);
        using var notifier = Start(OptionsFor(receiver), TimeProvider.System);
        _fixture.Ask();
        var tries = new[] { await receiver.NextAsync(), await receiver.NextAsync(), await receiver.NextAsync() };

        Assert.Single(tries.Select(one => one.Id).Distinct());
        Assert.All(tries, AssertSigned);
    }

    [Fact]
    public async Task AfterFiveTriesItIsGivenUpAndCounted()
    {
        await using var receiver = await Receiver.StartAsync((_, response) => response.StatusCode = 500);
        var failures = CountFailures();
        using var notifier = Start(OptionsFor(receiver), TimeProvider.System);
        _fixture.Ask();

        Assert.Equal(1, await failures);
        Assert.Equal(5, receiver.Count);
    }

    [Theory]
    [InlineData(302)]
    [InlineData(410)]
    public async Task ARedirectOrARefusalIsNeitherFollowedNorRepeated(int status)
    {
        await using var elsewhere = await Receiver.StartAsync((_, _) => { });
        await using var receiver = await Receiver.StartAsync((_, response) =>
        {
            response.StatusCode = status;
            response.Headers.Location = elsewhere.Url.ToString();
        });
        var failures = CountFailures();
        using var notifier = Start(OptionsFor(receiver), TimeProvider.System);
        _fixture.Ask();

        Assert.Equal(1, await failures);
        Assert.Equal((1, 0), (receiver.Count, elsewhere.Count));
    }

    [Fact]
    public async Task AReceiverThatDoesNotAnswerTimesOutAndHoldsNothingUp()
    {
        var never = new TaskCompletionSource();
        await using var receiver = await Receiver.StartAsync((number, _) => number == 1 ? never.Task : Task.CompletedTask);
        using var notifier = Start(OptionsFor(receiver) with { Timeout = TimeSpan.FromMilliseconds(200), Parallel = 1 }, TimeProvider.System);
        var (id, waiter) = _fixture.Ask();
        await _fixture.ApproveAsync(id);

        Assert.Equal(HoldState.Approved, (await waiter).State);
        Assert.Equal(id + "-asked", (await receiver.NextAsync()).Id);
        Assert.Equal(id + "-ended", (await receiver.NextAsync()).Id);
        never.SetResult();
    }

    [Theory]
    [InlineData("not a secret")]
    [InlineData("whsec_")]
    [InlineData("whsec_***")]
    public async Task WithoutAGoodSecretNothingIsSent(string secret)
    {
        await using var receiver = await Receiver.StartAsync((_, _) => { });
        var failures = CountFailures();
        using var notifier = Start(OptionsFor(receiver) with { Secret = new FixedSecret(secret) }, TimeProvider.System);
        _fixture.Ask();

        Assert.Equal(1, await failures);
        Assert.Equal(0, receiver.Count);
    }

    [Fact]
    public void WaitsDoubleStayBelowTheLongestAndHonourRetryAfter()
    {
        var options = OptionsFor(new Uri("http://localhost")) with { FirstWait = TimeSpan.FromSeconds(1) };
        var now = DateTimeOffset.UnixEpoch;
        double Seconds(int failed, RetryConditionHeaderValue? asked = null, double jitter = 1) =>
            RetryWait.After(options, failed, asked, now, jitter).TotalSeconds;

        Assert.Equal([1, 2, 4, 8], new[] { Seconds(1), Seconds(2), Seconds(3), Seconds(4) });
        Assert.Equal(2, Seconds(3, jitter: 0));
        Assert.Equal(120, Seconds(1000));
        Assert.Equal(30, Seconds(1, new RetryConditionHeaderValue(TimeSpan.FromSeconds(30))));
        Assert.Equal(45, Seconds(1, new RetryConditionHeaderValue(now.AddSeconds(45))));
        Assert.Equal(120, Seconds(1, new RetryConditionHeaderValue(TimeSpan.FromDays(1))));
    }

    private static WebhookOptions OptionsFor(Receiver receiver) => OptionsFor(receiver.Url);

    private static WebhookOptions OptionsFor(Uri url) => new()
    {
        Url = url,
        Secret = new FixedSecret("whsec_" + Convert.ToBase64String(Key)),
        FirstWait = TimeSpan.FromMilliseconds(5),
    };

    private static void AssertSigned(Received received)
    {
        byte[] content = [.. Encoding.ASCII.GetBytes($"{received.Id}.{received.Timestamp}."), .. received.Body];
        Assert.Equal("v1," + Convert.ToBase64String(HMACSHA256.HashData(Key, content)), received.Signature);
    }

    private WebhookNotifier Start(WebhookOptions options, TimeProvider? time = null)
    {
        var notifier = new WebhookNotifier(_fixture.Feed, options, time ?? _fixture.Time, _metrics);
        _ = notifier.RunAsync(_stop.Token);
        return notifier;
    }

    private static async Task<long> CountFailures()
    {
        var first = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "sallyport.webhook.failures")
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, count, _, _) => first.TrySetResult(count));
        listener.Start();
        return await first.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    private sealed class FixedSecret(string value) : ICredentialSource
    {
        public string Description => "fixed";

        public CredentialHandle Open() => new(Encoding.ASCII.GetBytes(value));
    }
}
