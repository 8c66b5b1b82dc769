using System.Text.Json;
using Sallyport.Core;

namespace Sallyport.Hosting.Sessions;

/// <summary>The JSON of a recording's first and last record.</summary>
internal static class SessionEvents
{
    public static byte[] Opened(Session session) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        id = session.Id.ToString(),
        principal = session.Principal.Name,
        kind = session.Principal.Kind.ToString().ToLowerInvariant(),
        onBehalfOf = session.Principal.OnBehalfOf,
        groups = session.Principal.Groups.Order(StringComparer.Ordinal),
        proof = session.Principal.Proof,
        resource = session.Resource.Name,
        protocol = session.Protocol,
        client = session.Client,
        at = session.OpenedAt,
        gateway = GatewayVersion.Text,
    });

    public static byte[] Closed(Session session, string end, string? detail, DateTimeOffset at) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        end,
        detail,
        at,
        seconds = Math.Round((at - session.OpenedAt).TotalSeconds, 3),
    });

    /// <summary>How an end is spelled in the store and the record: <c>client_closed</c>.</summary>
    public static string Spell(SessionEnd end) => JsonNamingPolicy.SnakeCaseLower.ConvertName(end.ToString());
}
