using Sallyport.Core;
using Sallyport.Identity;

namespace Sallyport.Admin;

/// <summary><c>/v1/secrets</c>: issue (administrators), list and revoke (administrators, and each principal its own).</summary>
internal sealed class SecretEndpoints
{
    private readonly AdminServices _services;

    private SecretEndpoints(AdminServices services) => _services = services;

    public static void Map(IEndpointRouteBuilder routes, AdminServices services)
    {
        var endpoints = new SecretEndpoints(services);
        routes.MapGet("/v1/secrets", (Delegate)endpoints.ListAsync);
        routes.MapPost("/v1/secrets", endpoints.IssueAsync);
        routes.MapPost("/v1/secrets/{id}/revoke", endpoints.RevokeAsync);
    }

    private async Task<IResult> ListAsync(HttpContext context)
    {
        var caller = context.Caller();
        var live = await _services.Secrets.ListLiveAsync(_services.Time.GetUtcNow(), context.RequestAborted);
        return AdminResults.Ok(live.Where(s => _services.Access.MaySee(caller, s)).Select(SecretMessage.From).ToList());
    }

    private async Task<IResult> IssueAsync(HttpContext context, IssueRequest request)
    {
        var caller = context.Caller();
        if (!_services.Access.IsAdmin(caller))
        {
            AdminLog.Forbidden(_services.Log, SafeText.Short(caller.Name, 128), "issue a secret");
            return AdminResults.AdminsOnly("issue secrets");
        }
        if (request.LifetimeSeconds is <= 0 or > int.MaxValue)
            return LifetimeOutOfRange();
        var issue = await _services.Issuer.IssueAsync(request.Login, request.Scope, TimeSpan.FromSeconds(request.LifetimeSeconds), request.Once,
            context.RequestAborted);
        if (issue is { Outcome: SecretOutcome.Done, Stored: { } stored, Text: { } text })
        {
            AdminLog.Issued(_services.Log, SafeText.Short(caller.Name, 128), stored.Id, stored.Login);
            return AdminResults.Ok(new IssueAnswer(SecretMessage.From(stored), text));
        }
        return issue.Outcome switch
        {
            SecretOutcome.UnknownLogin =>
                AdminResults.NotFound("there is no principal of that name.", "Add it under identity.principals in sallyport.yaml."),
            SecretOutcome.LifetimeOutOfRange => LifetimeOutOfRange(),
            _ => AdminResults.Unavailable("the store did not take the secret; nothing was issued.", "See the gateway's log."),
        };
    }

    private async Task<IResult> RevokeAsync(HttpContext context, string id)
    {
        var caller = context.Caller();
        var live = await _services.Secrets.ListLiveAsync(_services.Time.GetUtcNow(), context.RequestAborted);
        if (!live.Any(s => s.Id == id && _services.Access.MaySee(caller, s)))
            return NotThere();
        var outcome = await _services.Issuer.RevokeAsync(id, context.RequestAborted);
        if (outcome == SecretOutcome.StoreFailed)
            return AdminResults.Unavailable("the store did not take it; the secret still works.", "See the gateway's log.");
        if (outcome != SecretOutcome.Done)
            return NotThere();
        AdminLog.Revoked(_services.Log, SafeText.Short(caller.Name, 128), id);
        return AdminResults.Ok(new RevokeAnswer(id));
    }

    private static IResult LifetimeOutOfRange() =>
        AdminResults.BadRequest("the lifetime is out of range.", "Give one of at most 90 days, such as --for 8h.");

    private static IResult NotThere() =>
        AdminResults.NotFound("there is no such live secret, or it is not yours.", "sallyport secrets list shows those you may see.");
}
