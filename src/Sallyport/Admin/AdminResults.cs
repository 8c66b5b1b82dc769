using Sallyport.Core;

namespace Sallyport.Admin;

/// <summary>The answers that several endpoints give.</summary>
internal static class AdminResults
{
    /// <summary>The principal that <see cref="AdminAuthentication"/> put there.</summary>
    public static Principal Caller(this HttpContext context) =>
        context.Features.Get<Principal>() ?? throw new InvalidOperationException("A request passed without authentication.");

    public static IResult Ok<T>(T value) => Results.Json(value, AdminJson.Compact<T>());

    public static IResult NotFound(string error, string? next = null) => Problem(StatusCodes.Status404NotFound, error, next);

    public static IResult Conflict(string error, string? next = null) => Problem(StatusCodes.Status409Conflict, error, next);

    public static IResult BadRequest(string error, string? next = null) => Problem(StatusCodes.Status400BadRequest, error, next);

    public static IResult Unavailable(string error, string? next = null) => Problem(StatusCodes.Status503ServiceUnavailable, error, next);

    public static IResult Forbidden(string error, string? next = null) => Problem(StatusCodes.Status403Forbidden, error, next);

    public static IResult AdminsOnly(string what) =>
        Forbidden($"only administrators may {what}.", "Ask a member of the groups under admins: in sallyport.yaml.");

    private static IResult Problem(int status, string error, string? next) =>
        Results.Json(new AdminProblem(error, next), AdminJson.Default.AdminProblem, statusCode: status);
}
