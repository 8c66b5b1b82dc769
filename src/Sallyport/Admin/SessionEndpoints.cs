using Sallyport.Core;

namespace Sallyport.Admin;

/// <summary>
/// <c>/v1/sessions</c>: list, show, kill. A session that the caller may not see is answered like one that is not there, so that
/// ids cannot be tried out.
/// </summary>
internal sealed class SessionEndpoints
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 1000;
    private const int LongestReason = 256;
    private readonly AdminServices _services;

    private SessionEndpoints(AdminServices services) => _services = services;

    public static void Map(IEndpointRouteBuilder routes, AdminServices services)
    {
        var endpoints = new SessionEndpoints(services);
        routes.MapGet("/v1/sessions", endpoints.ListAsync);
        routes.MapGet("/v1/sessions/{id}", endpoints.ShowAsync);
        routes.MapPost("/v1/sessions/{id}/kill", endpoints.KillAsync);
    }

    /// <summary>The session, when it is there and the caller may see it.</summary>
    public static async ValueTask<StoredSession?> FindVisibleAsync(AdminServices services, Principal caller, string id,
        CancellationToken cancellationToken)
    {
        if (!SessionId.TryParse(id, out var session) || await services.Sessions.FindAsync(session, cancellationToken) is not { } found)
            return null;
        if (services.Access.MaySee(caller, found))
            return found;
        AdminLog.Forbidden(services.Log, SafeText.Short(caller.Name, 128), $"session {session}");
        return null;
    }

    public static IResult NotThere() =>
        AdminResults.NotFound("there is no such session, or it is not yours.", "sallyport sessions list shows those you may see.");

    private async Task<IResult> ListAsync(HttpContext context, string? principal, string? resource, bool? live, int? limit)
    {
        var caller = context.Caller();
        var take = Math.Clamp(limit ?? DefaultLimit, 1, MaxLimit);
        if (_services.Access.IsAdmin(caller))
            return Answer(await _services.Sessions.ListAsync(principal, resource, live ?? false, take, context.RequestAborted));

        // The store filters by the one who logged in; sessions on somebody's behalf are found among the newest of all.
        var newest = await _services.Sessions.ListAsync(principal, resource, live ?? false, MaxLimit, context.RequestAborted);
        return Answer(newest.Where(s => _services.Access.MaySee(caller, s)).Take(take));
    }

    private static IResult Answer(IEnumerable<StoredSession> sessions) => AdminResults.Ok(sessions.Select(SessionMessage.From).ToList());

    private async Task<IResult> ShowAsync(HttpContext context, string id) =>
        await FindVisibleAsync(_services, context.Caller(), id, context.RequestAborted) is { } session
            ? AdminResults.Ok(SessionMessage.From(session))
            : NotThere();

    private async Task<IResult> KillAsync(HttpContext context, string id, KillRequest request)
    {
        var caller = context.Caller();
        if (await FindVisibleAsync(_services, caller, id, context.RequestAborted) is not { } stored)
            return NotThere();
        var said = SafeText.Short(request.Reason, LongestReason);
        var reason = said.Length == 0 ? $"ended by {caller.Name}" : $"ended by {caller.Name}: {said}";
        var killed = _services.Registry.TryFind(stored.Id, out var session) && session.Kill(reason);
        if (killed)
            AdminLog.Killed(_services.Log, SafeText.Short(caller.Name, 128), stored.Id.ToString(), reason);
        return AdminResults.Ok(new KillAnswer(killed));
    }
}
