using System.Diagnostics;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace Sallyport.Identity.Tests;

/// <summary>npm's oidc-provider on loopback, in a process of its own. Its packages are installed once, by the lock file.</summary>
public sealed class RealProvider : IAsyncLifetime
{
    private static readonly SemaphoreSlim Installing = new(1, 1);
    private readonly HttpClient _client = new();
    private Process? _process;

    public int Port { get; private set; }

    public string Issuer => $"http://127.0.0.1:{Port}";

    public async Task InitializeAsync() => await StartAsync(0);

    public async Task StartAsync(int port)
    {
        await InstallAsync();
        _process = Start("node", redirect: true, "server.mjs", port.ToString(System.Globalization.CultureInfo.InvariantCulture));
        var line = await _process.StandardOutput.ReadLineAsync();
        Assert.StartsWith("listening ", line, StringComparison.Ordinal);
        Port = int.Parse(line!["listening ".Length..], System.Globalization.CultureInfo.InvariantCulture);
        _ = _process.StandardOutput.ReadToEndAsync();
    }

    public async Task StopAsync()
    {
        if (_process is null)
            return;
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    public async Task DisposeAsync()
    {
        await StopAsync();
        _client.Dispose();
    }

    /// <summary>A client-credentials access token of a client of server.mjs.</summary>
    public async Task<string> TokenOf(string client, string audience = "sallyport")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Issuer + "/token");
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic",
            Convert.ToBase64String(Encoding.ASCII.GetBytes(client + ":secret")));
        request.Content = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials",
            ["resource"] = "urn:" + audience,
            ["scope"] = "use",
        });
        using var response = await _client.SendAsync(request);
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return json.RootElement.GetProperty("access_token").GetString()!;
    }

    public async Task RotateKeysAsync() => (await _client.PostAsync(Issuer + "/rotate", null)).EnsureSuccessStatusCode();

    private static async Task InstallAsync()
    {
        await Installing.WaitAsync();
        try
        {
            if (Directory.Exists(Path.Combine(Folder(), "node_modules", "oidc-provider")))
                return;
            using var install = Start("npm", redirect: false, "ci", "--no-audit", "--no-fund");
            await install.WaitForExitAsync();
            Assert.Equal(0, install.ExitCode);
        }
        finally
        {
            Installing.Release();
        }
    }

    private static Process Start(string program, bool redirect, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Folder(),
            RedirectStandardOutput = redirect,
            RedirectStandardInput = true,
        };
        return Process.Start(start)!;
    }

    private static string Folder([CallerFilePath] string source = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(source)!, "../../Support/oidc"));
}
