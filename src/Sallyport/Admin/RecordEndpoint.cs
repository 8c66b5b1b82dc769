using System.Text.Json;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Sallyport.Core;

namespace Sallyport.Admin;

/// <summary>
/// <c>GET /v1/sessions/{id}/records?follow=true</c>: what a session recorded, one <see cref="RecordLine"/> a line, to whom the
/// session itself is shown and to nobody else. Each reading is logged. With <c>follow</c> it goes on until the session has ended.
/// </summary>
internal sealed class RecordEndpoint
{
    private readonly AdminServices _services;

    private RecordEndpoint(AdminServices services) => _services = services;

    public static void Map(IEndpointRouteBuilder routes, AdminServices services) =>
        routes.MapGet("/v1/sessions/{id}/records", new RecordEndpoint(services).AnswerAsync);

    private async Task AnswerAsync(HttpContext context, string id, bool? follow)
    {
        var caller = context.Caller();
        if (await SessionEndpoints.FindVisibleAsync(_services, caller, id, context.RequestAborted) is not { } session)
        {
            await SessionEndpoints.NotThere().ExecuteAsync(context);
            return;
        }
        AdminLog.Read(_services.Log, SafeText.Short(caller.Name, 128), session.Id.ToString());

        // A reader that plays in the recorded rhythm takes nothing for minutes; it must not be cut for being slow.
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
            rate.MinDataRate = null;
        context.Response.ContentType = "application/jsonl";
        try
        {
            await WriteAsync(context, session, follow is true && session.EndedAt is null);
        }
        catch (InvalidDataException e)
        {
            var problem = new AdminProblem(e.Message, "sallyport sessions verify says exactly where.");
            await WriteLineAsync(context, new RecordLine(null, problem));
        }
    }

    private async Task WriteAsync(HttpContext context, StoredSession session, bool follow)
    {
        await foreach (var item in _services.Recordings.ReadAsync(session.Id, follow, context.RequestAborted))
            await WriteLineAsync(context, new RecordLine(RecordMessage.From(item)));
    }

    private static async Task WriteLineAsync(HttpContext context, RecordLine line)
    {
        await JsonSerializer.SerializeAsync(context.Response.Body, line, AdminJson.Default.RecordLine, context.RequestAborted);
        await context.Response.Body.WriteAsync("\n"u8.ToArray(), context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }
}
