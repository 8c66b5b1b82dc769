using System.Net;
using Microsoft.IdentityModel.Protocols;

namespace Sallyport.Identity;

/// <summary>
/// Fetches an issuer's documents. Discovery names further URLs, so each is checked: https, or http on loopback where allowed.
/// Redirects are not followed, answers are cut at 1 MiB and 5 seconds.
/// </summary>
internal sealed class GuardedDocumentRetriever : IDocumentRetriever
{
    private readonly HttpClient _client;
    private readonly bool _allowHttpOnLoopback;

    public GuardedDocumentRetriever(HttpClient client, bool allowHttpOnLoopback)
    {
        _client = client;
        _allowHttpOnLoopback = allowHttpOnLoopback;
    }

    public static HttpClient MakeClient()
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) };
        return new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(5), MaxResponseContentBufferSize = 1024 * 1024 };
    }

    public static bool IsAllowed(Uri uri, bool allowHttpOnLoopback) =>
        uri.Scheme == Uri.UriSchemeHttps ||
        (allowHttpOnLoopback && uri.Scheme == Uri.UriSchemeHttp && IPAddress.TryParse(uri.DnsSafeHost, out var address) &&
            IPAddress.IsLoopback(address));

    public async Task<string> GetDocumentAsync(string address, CancellationToken cancel)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || !IsAllowed(uri, _allowHttpOnLoopback))
            throw new IOException("the issuer's configuration names an address that is not https");
        using var response = await _client.GetAsync(uri, cancel);
        if (response.StatusCode != HttpStatusCode.OK)
            throw new IOException($"the issuer answered {(int)response.StatusCode}");
        return await response.Content.ReadAsStringAsync(cancel);
    }
}
