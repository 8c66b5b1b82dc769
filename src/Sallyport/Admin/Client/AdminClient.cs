using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Sallyport.Cli;

namespace Sallyport.Admin.Client;

/// <summary>
/// The command line's side of the admin API. Every refusal becomes a <see cref="CliFailure"/> with the exit code that says whose
/// turn it is.
/// </summary>
internal sealed class AdminClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly string _socket;

    public AdminClient(string socket, string login, string secret)
    {
        _socket = socket;
        _http = new HttpClient(new SocketsHttpHandler { ConnectCallback = ConnectAsync, UseProxy = false, AllowAutoRedirect = false })
        {
            BaseAddress = new Uri("http://sallyport"),
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _http.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{login}:{secret}")));
    }

    public async Task<T> GetAsync<T>(string path, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(HttpMethod.Get, path, null, cancellationToken);
        return await ReadAsync<T>(response, cancellationToken);
    }

    /// <param name="path">Below the API's root.</param>
    /// <param name="body">One of the messages that <see cref="AdminJson"/> names, or null.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task<T> PostAsync<T>(string path, object? body, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(HttpMethod.Post, path, body, cancellationToken);
        return await ReadAsync<T>(response, cancellationToken);
    }

    /// <summary>An answer of one JSON value a line, each as it comes: a replay, an export, a live view.</summary>
    public async IAsyncEnumerable<T> GetLinesAsync<T>(string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var response = await SendAsync(HttpMethod.Get, path, null, cancellationToken);
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        using var lines = new StreamReader(body, Encoding.UTF8);
        while (await ReadLineAsync(lines, cancellationToken) is { } line)
        {
            if (JsonSerializer.Deserialize(line, AdminJson.Compact<T>()) is { } value)
                yield return value;
        }
    }

    public void Dispose() => _http.Dispose();

    private static async ValueTask<string?> ReadLineAsync(StreamReader lines, CancellationToken cancellationToken)
    {
        try
        {
            return await lines.ReadLineAsync(cancellationToken);
        }
        catch (IOException)
        {
            throw new CliFailure(ExitCode.CannotReach, "the gateway broke off in the middle of its answer.", "See its log.");
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, object? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
            request.Content = new StringContent(JsonSerializer.Serialize(body, AdminJson.Default.Options.GetTypeInfo(body.GetType())), Encoding.UTF8,
                "application/json");
        HttpResponseMessage response;
        try
        {
            response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException e)
        {
            throw Unreachable(e);
        }
        if (response.IsSuccessStatusCode)
            return response;
        using (response)
            throw await RefusalAsync(response, cancellationToken);
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        return await JsonSerializer.DeserializeAsync(body, AdminJson.Compact<T>(), cancellationToken) ??
            throw new CliFailure(ExitCode.Failed, "the gateway answered nothing.");
    }

    private CliFailure Unreachable(HttpRequestException e) =>
        e.InnerException is SocketException { SocketErrorCode: SocketError.AccessDenied }
        ? new CliFailure(ExitCode.NotAuthorised, $"this user may not open {_socket}.", "Run it as the user that runs the gateway.")
        : new CliFailure(ExitCode.CannotReach, $"no gateway answers at {_socket}.",
            "Start it with sallyport serve, or say where its socket is with --socket or --config.");

    private static async Task<CliFailure> RefusalAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var code = response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.TooManyRequests
            ? ExitCode.NotAuthorised
            : ExitCode.Failed;
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
            if (await JsonSerializer.DeserializeAsync(body, AdminJson.Default.AdminProblem, cancellationToken) is { } problem)
                return new CliFailure(code, problem.Error, problem.Next);
        }
        catch (JsonException)
        {
            // Not our words: the status alone has to say it.
        }
        return new CliFailure(code, $"the gateway answered {(int)response.StatusCode}.");
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(_socket), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
