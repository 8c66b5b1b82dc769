using Sallyport.Approvals;
using Sallyport.Core;

namespace Sallyport.Admin;

/// <summary>
/// <c>/v1/approvals</c>. Whether a word counts is the broker's decision alone; here is only said who may look, and the answer is put
/// into words.
/// </summary>
internal sealed class ApprovalEndpoints
{
    private static readonly TimeSpan LongestGrant = TimeSpan.FromHours(24);
    private readonly AdminServices _services;

    private ApprovalEndpoints(AdminServices services) => _services = services;

    public static void Map(IEndpointRouteBuilder routes, AdminServices services)
    {
        var endpoints = new ApprovalEndpoints(services);
        routes.MapGet("/v1/approvals", (Delegate)endpoints.List);
        routes.MapGet("/v1/approvals/{id}", endpoints.ShowAsync);
        routes.MapPost("/v1/approvals/{id}/approve", endpoints.ApproveAsync);
        routes.MapPost("/v1/approvals/{id}/reject", endpoints.RejectAsync);
        routes.MapPost("/v1/approvals/{id}/modify", endpoints.ModifyAsync);
    }

    private IResult List(HttpContext context)
    {
        var caller = context.Caller();
        return AdminResults.Ok(_services.Broker.List().Where(v =>
            _services.Access.MaySee(caller, v.Hold)).Select(HoldMessage.From).ToList());
    }

    private async Task<IResult> ShowAsync(HttpContext context, string id) =>
        await FindVisibleAsync(context, id) is { } view ? AdminResults.Ok(HoldMessage.From(view)) : NotThere();

    private Task<IResult> ApproveAsync(HttpContext context, string id, ApproveRequest request)
    {
        if (request.GrantSeconds is { } seconds && (seconds <= 0 || seconds > LongestGrant.TotalSeconds))
            return Task.FromResult(AdminResults.BadRequest("the time of the grant is out of range.",
                $"Give one of at most {LongestGrant.TotalHours} hours."));
        var scope = request.GrantSeconds is { } granted ? ApproveScope.Grant(TimeSpan.FromSeconds(granted)) : ApproveScope.Once;
        return DecideAsync(context, id, "approve", () =>
            _services.Broker.ApproveAsync(id, context.Caller(), scope, request.Reason, request.Revision));
    }

    private Task<IResult> RejectAsync(HttpContext context, string id, RejectRequest request) =>
        DecideAsync(context, id, "reject", () => _services.Broker.RejectAsync(id, context.Caller(), request.Reason));

    private Task<IResult> ModifyAsync(HttpContext context, string id, ModifyRequest request) =>
        DecideAsync(context, id, "modify", () => _services.Broker.ModifyAsync(id, context.Caller(), request.Text, request.Reason));

    private async Task<IResult> DecideAsync(HttpContext context, string id, string verb, Func<Task<DecideResult>> decide)
    {
        var caller = context.Caller();
        if (await FindVisibleAsync(context, id) is not { } view)
            return NotThere();
        if (!AdminAccess.InScope(caller, view.Hold.Resource))
            return AdminResults.Forbidden("your secret is scoped to other resources.", "Use one that covers this resource.");
        var result = await decide();
        AdminLog.Decided(_services.Log, SafeText.Short(caller.Name, 128), verb, view.Hold.Id, result.Outcome);
        return Answer(result);
    }

    private static IResult Answer(DecideResult result) => result.Outcome switch
    {
        DecideOutcome.Done or DecideOutcome.Counted =>
            AdminResults.Ok(new DecisionAnswer(result.Outcome, result.State, result.StillNeeded, result.GrantedFor?.TotalSeconds)),
        DecideOutcome.NotFound => NotThere(),
        DecideOutcome.AlreadyDecided => AdminResults.Conflict($"it was decided before: {result.State?.ToString().ToLowerInvariant()}."),
        DecideOutcome.NotAnApprover =>
            AdminResults.Forbidden("the rule does not name you as an approver.", "approvals show says who may decide."),
        DecideOutcome.OwnRequest =>
            AdminResults.Forbidden("nobody approves their own request, nor that of an agent that acts for them.",
                "Somebody else has to decide."),
        DecideOutcome.SamePersonTwice => AdminResults.Conflict("you were counted already.", "Somebody else has to decide too."),
        DecideOutcome.TextChanged =>
            AdminResults.Conflict("another approver changed the text since you saw it.", "Look again with approvals show."),
        DecideOutcome.Busy => AdminResults.Unavailable("too many approvers stand in line for it.", "Try again."),
        DecideOutcome.TextTooLong => AdminResults.BadRequest("the new text is too long."),
        DecideOutcome.ReasonTooLong => AdminResults.BadRequest("the reason is too long."),
        DecideOutcome.NotModifiable =>
            AdminResults.BadRequest("it cannot be modified: it is a ticket, or the new text is blank.", "Approve or reject it."),
        _ => AdminResults.Unavailable("the store did not take the decision; nothing passed.", "Try again, and see the gateway's log."),
    };

    private async ValueTask<HoldView?> FindVisibleAsync(HttpContext context, string id) =>
        await _services.Broker.FindAsync(id, context.RequestAborted) is { } view && _services.Access.MaySee(context.Caller(), view.Hold)
            ? view : null;

    private static IResult NotThere() =>
        AdminResults.NotFound("there is no such hold, or it is not yours to see.", "sallyport approvals list shows those that wait.");
}
