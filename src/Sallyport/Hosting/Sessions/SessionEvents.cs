using System.Text.Json;
using System.Text.Json.Serialization;
using Sallyport.Core;

namespace Sallyport.Hosting.Sessions;

/// <summary>The JSON of a recording's first and last record.</summary>
internal static partial class SessionEvents
{
    public static byte[] Opened(Session session) => JsonSerializer.SerializeToUtf8Bytes(
        new OpenedEvent(
            session.Id.ToString(), session.Principal.Name, session.Principal.Kind.ToString().ToLowerInvariant(), session.Principal.OnBehalfOf,
            [.. session.Principal.Groups.Order(StringComparer.Ordinal)], session.Principal.Proof, session.Resource.Name, session.Protocol,
            session.Client, session.OpenedAt, GatewayVersion.Text),
        Json.Default.OpenedEvent);

    public static byte[] Closed(Session session, string end, string? detail, DateTimeOffset at) => JsonSerializer.SerializeToUtf8Bytes(
        new ClosedEvent(end, detail, at, Math.Round((at - session.OpenedAt).TotalSeconds, 3)), Json.Default.ClosedEvent);

    /// <summary>How an end is spelled in the store and the record: <c>client_closed</c>.</summary>
    public static string Spell(SessionEnd end) => JsonNamingPolicy.SnakeCaseLower.ConvertName(end.ToString());

    private sealed record OpenedEvent(
        string Id, string Principal, string Kind, string? OnBehalfOf, string[] Groups, string Proof, string Resource, string Protocol,
        string Client, DateTimeOffset At, string Gateway);

    private sealed record ClosedEvent(string End, string? Detail, DateTimeOffset At, double Seconds);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
    [JsonSerializable(typeof(OpenedEvent))]
    [JsonSerializable(typeof(ClosedEvent))]
    private sealed partial class Json : JsonSerializerContext;
}
