using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Sallyport.Approvals.Tests;

internal sealed record Received(string Id, string Timestamp, string Signature, string? ContentType, byte[] Body);

/// <summary>A real HTTP listener on loopback that keeps what it gets and answers as told.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly Channel<Received> _received = Channel.CreateUnbounded<Received>();
    private int _count;

    private Receiver(Func<int, HttpResponse, Task> answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _application = builder.Build();
        _application.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            var headers = context.Request.Headers;
            await answer(Interlocked.Increment(ref _count), context.Response);
            await _received.Writer.WriteAsync(new Received(headers["webhook-id"].ToString(), headers["webhook-timestamp"].ToString(),
                headers["webhook-signature"].ToString(), context.Request.ContentType, body.ToArray()));
        });
    }

    public int Count => Volatile.Read(ref _count);

    public Uri Url => new(_application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First() + "/hook");

    /// <param name="answer">Gets the number of the request, from 1.</param>
    public static async Task<Receiver> StartAsync(Action<int, HttpResponse> answer) => await StartAsync((number, response) =>
    {
        answer(number, response);
        return Task.CompletedTask;
    });

    public static async Task<Receiver> StartAsync(Func<int, HttpResponse, Task> answer)
    {
        var receiver = new Receiver(answer);
        await receiver._application.StartAsync();
        return receiver;
    }

    public async Task<Received> NextAsync() => await _received.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));

    public async ValueTask DisposeAsync() => await _application.DisposeAsync();
}
