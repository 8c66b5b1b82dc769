using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Sallyport.Core;

namespace Sallyport.Admin;

/// <summary>
/// Every request proves who asks: <c>Authorization: Basic login:secret</c> (RFC 7617, UTF-8). The socket's file mode is the outer
/// gate and proves nothing about the person. The principal is a feature of the request afterwards.
/// </summary>
internal sealed class AdminAuthentication
{
    /// <summary>Per login: the socket has no addresses.</summary>
    public const int WrongSecretsPerLogin = 5;

    public static readonly TimeSpan WrongSecretRefill = TimeSpan.FromSeconds(10);
    private const int LongestHeader = 8192;
    private readonly IIdentityVerifier _identity;
    private readonly AttemptLimiter<string> _wrongSecrets;
    private readonly ILogger _log;

    public AdminAuthentication(IIdentityVerifier identity, TimeProvider time, ILogger log)
    {
        _identity = identity;
        _wrongSecrets = new AttemptLimiter<string>(WrongSecretsPerLogin, WrongSecretRefill, time, StringComparer.OrdinalIgnoreCase);
        _log = log;
    }

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (!TryRead(context.Request.Headers.Authorization.ToString(), out var login, out var secret))
        {
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"sallyport\", charset=\"UTF-8\"";
            await Refuse(context, StatusCodes.Status401Unauthorized,
                new AdminProblem("who are you?", "Say --as NAME and prove it with SALLYPORT_SECRET or --secret-file."));
            return;
        }
        try
        {
            await CheckAsync(context, next, login, secret);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    private async Task CheckAsync(HttpContext context, RequestDelegate next, string login, byte[] secret)
    {
        if (_wrongSecrets.WaitFor(login) is { Ticks: > 0 } wait)
        {
            var seconds = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            context.Response.Headers.RetryAfter = seconds;
            await Refuse(context, StatusCodes.Status429TooManyRequests,
                new AdminProblem("too many wrong secrets for this login.", $"Try again in {seconds} s."));
            return;
        }
        var proof = await _identity.VerifySecretAsync(login, secret, context.RequestAborted);
        if (proof is { Outcome: ProofOutcome.Accepted, Principal: { } principal } && await _identity.TrySpendAsync(principal, context.RequestAborted))
        {
            context.Features.Set(principal);
            await next(context);
            return;
        }
        if (proof.Outcome == ProofOutcome.Unavailable)
        {
            AdminLog.CannotCheck(_log, SafeText.Short(login, 128), proof.Reason);
            await Refuse(context, StatusCodes.Status503ServiceUnavailable,
                new AdminProblem("the secret cannot be checked now.", "See the gateway's log."));
            return;
        }
        _wrongSecrets.CountMiss(login);
        AdminLog.Refused(_log, SafeText.Short(login, 128), proof.Reason);
        await Refuse(context, StatusCodes.Status401Unauthorized, new AdminProblem("the login or the secret is wrong, expired or revoked.",
            "An administrator issues a new one with: sallyport secrets issue NAME"));
    }

    private static Task Refuse(HttpContext context, int status, AdminProblem problem)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(problem, AdminJson.Default.AdminProblem, cancellationToken: context.RequestAborted);
    }

    private static bool TryRead(string header, out string login, out byte[] secret)
    {
        (login, secret) = ("", []);
        if (header.Length > LongestHeader || !AuthenticationHeaderValue.TryParse(header, out var value) ||
            !string.Equals(value.Scheme, "Basic", StringComparison.OrdinalIgnoreCase) || value.Parameter is null)
            return false;
        var bytes = new byte[value.Parameter.Length];
        if (!Convert.TryFromBase64String(value.Parameter, bytes, out var length))
            return false;
        var colon = bytes.AsSpan(0, length).IndexOf((byte)':');
        if (colon <= 0)
            return false;
        login = Encoding.UTF8.GetString(bytes, 0, colon);
        secret = bytes[(colon + 1)..length];
        CryptographicOperations.ZeroMemory(bytes);
        return true;
    }
}
