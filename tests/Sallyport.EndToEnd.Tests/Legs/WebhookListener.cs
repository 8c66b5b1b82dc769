using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Sallyport.Testing.Processes;

namespace Sallyport.EndToEnd.Tests.Legs;

/// <summary>Takes webhooks on loopback and keeps those whose signature is right by Standard Webhooks' own recipe.</summary>
public sealed class WebhookListener : IAsyncDisposable
{
    private const string Key = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    private readonly HttpListener _listener = new();
    private readonly ConcurrentQueue<JsonElement> _signed = new();
    private readonly Task _serving;

    public WebhookListener()
    {
        Url = $"http://127.0.0.1:{FreePort.Next()}/holds/";
        _listener.Prefixes.Add(Url);
        _listener.Start();
        _serving = ServeAsync();
    }

    public static string Secret => "whsec_" + Key;

    public string Url { get; }

    /// <summary>Bodies with a right signature, in the order of arrival.</summary>
    public IReadOnlyCollection<JsonElement> Signed => _signed;

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            var context = await _listener.GetContextAsync();
            using var reader = new StreamReader(context.Request.InputStream);
            var body = await reader.ReadToEndAsync();
            var headers = context.Request.Headers;
            var content = Encoding.UTF8.GetBytes($"{headers["webhook-id"]}.{headers["webhook-timestamp"]}.{body}");
            var right = "v1," + Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(Key), content));
            if (headers["webhook-signature"] == right)
                _signed.Enqueue(JsonDocument.Parse(body).RootElement);
            context.Response.StatusCode = 204;
            context.Response.Close();
        }
    }
}
