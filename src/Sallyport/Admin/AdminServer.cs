using System.Net.Sockets;
using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;
using Sallyport.Core;
using Sallyport.Hosting;

namespace Sallyport.Admin;

/// <summary>
/// The admin API: HTTP/1.1 on a Unix socket that only the gateway's user may open (0600 in a folder of 0700). It has a host of its
/// own because its handlers touch disks, which the data plane's threads must not.
/// </summary>
internal sealed class AdminServer : IAsyncDisposable
{
    private const long LongestBody = 4 << 20;
    private readonly WebApplication _app;
    private readonly string _socket;
    private bool _serves;

    private AdminServer(WebApplication app, string socket)
    {
        _app = app;
        _socket = socket;
    }

    /// <summary>Puts the host together, which takes longer than all else here and needs nothing of the gateway yet.</summary>
    public static AdminServer Build(string socket, ILoggerFactory loggers)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers);
        builder.Services.AddRoutingCore();
        builder.Services.ConfigureHttpJsonOptions(static json => AdminJson.Apply(json.SerializerOptions));
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = LongestBody;
            kestrel.ListenUnixSocket(socket);
        });
        return new AdminServer(builder.Build(), socket);
    }

    /// <summary>Serves, from now on; called once.</summary>
    /// <exception cref="StartFailure">Another process serves the socket, or it cannot be made.</exception>
    public async Task StartAsync(AdminServices services, CancellationToken cancellationToken)
    {
        ClaimSocket(_socket);
        var app = _app;
        var authentication = new AdminAuthentication(services.Identity, services.Time, services.Log);
        app.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandler = context => AnswerFault(context, services.Log) });
        app.Use(next => context => authentication.InvokeAsync(context, next));
        app.UseRouting();
        StatusEndpoints.Map(app, services);
        SessionEndpoints.Map(app, services);
        RecordEndpoint.Map(app, services);
        SecretEndpoints.Map(app, services);
        ApprovalEndpoints.Map(app, services);
        try
        {
            await app.StartAsync(cancellationToken);
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(_socket, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
        catch (Exception e) when (e is IOException or SocketException or UnauthorizedAccessException)
        {
            throw new StartFailure(StartFault.CannotUseFiles, $"the admin socket {_socket} cannot be made: {e.Message}",
                "Choose another place with listen.admin in sallyport.yaml.");
        }
        _serves = true;
    }

    public async ValueTask DisposeAsync()
    {
        if (_serves)
        {
            using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            await _app.StopAsync(soon.Token);
            File.Delete(_socket);
        }
        await _app.DisposeAsync();
    }

    /// <summary>A socket that nobody answers on was left by a gateway that died, and is in the way of the bind.</summary>
    private static void ClaimSocket(string path)
    {
        PrivateFiles.MakeFolder(Path.GetDirectoryName(path)!);
        if (!File.Exists(path))
            return;
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException)
        {
            File.Delete(path);
            return;
        }
        throw new StartFailure(StartFault.StateLocked, $"another gateway answers on {path}.",
            "Stop it, or give this one its own data folder and listen.admin.");
    }

    private static Task AnswerFault(HttpContext context, ILogger log)
    {
        var error = context.Features.Get<IExceptionHandlerFeature>()?.Error;
        if (error is BadHttpRequestException or JsonException)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return context.Response.WriteAsJsonAsync(new AdminProblem("the request cannot be read."), AdminJson.Default.AdminProblem,
                cancellationToken: context.RequestAborted);
        }
        AdminLog.Fault(log, context.Request.Method, SafeText.Short(context.Request.Path, 256), error);
        return context.Response.WriteAsJsonAsync(new AdminProblem("the gateway failed to answer.", "See its log."), AdminJson.Default.AdminProblem,
            cancellationToken: context.RequestAborted);
    }
}
