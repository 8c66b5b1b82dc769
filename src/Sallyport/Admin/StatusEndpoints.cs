using Sallyport.Hosting;

namespace Sallyport.Admin;

/// <summary><c>GET /v1/status</c>: for administrators, because faults name hosts and files.</summary>
internal static class StatusEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, AdminServices services) =>
        routes.MapGet("/v1/status", context => Answer(context, services).ExecuteAsync(context));

    private static IResult Answer(HttpContext context, AdminServices services) =>
        services.Access.IsAdmin(context.Caller())
            ? AdminResults.Ok(new StatusMessage(GatewayVersion.Text, services.Decider.Snapshot, services.StartedAt,
                services.Registry.Count, services.Faults()))
            : AdminResults.AdminsOnly("see the status");
}
