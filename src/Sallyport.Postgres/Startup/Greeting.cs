using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Sallyport.Core;
using Sallyport.Postgres.Wire;

namespace Sallyport.Postgres.Startup;

/// <summary>What the gateway says between the startup packet and the first command.</summary>
internal static class Greeting
{
    // NAMEDATALEN - 1: the server cuts longer ones.
    private const int MaxApplicationName = 63;

    /// <summary>
    /// NegotiateProtocolVersion, when the client wants a newer minor version or options (<c>_pq_.</c>) that nobody has: Int32 newest
    /// version, Int32 count, String each.
    /// </summary>
    public static void WriteNegotiation(IBufferWriter<byte> output, StartupPacket packet)
    {
        var unknown = packet.Parameters.Keys.Where(static name => name.StartsWith("_pq_.", StringComparison.Ordinal)).ToArray();
        if (packet.Version <= StartupCode.Protocol32 && unknown.Length == 0)
            return;
        var body = new ArrayBufferWriter<byte>();
        BinaryPrimitives.WriteInt32BigEndian(body.GetSpan(8), Math.Min(packet.Version, StartupCode.Protocol32));
        BinaryPrimitives.WriteInt32BigEndian(body.GetSpan(8)[4..], unknown.Length);
        body.Advance(8);
        foreach (var name in unknown)
            body.Write(Encoding.UTF8.GetBytes(name + "\0"));
        MessageWriter.Write(output, ServerMessage.NegotiateProtocolVersion, body.WrittenSpan);
    }

    /// <summary>Everything up to the first ReadyForQuery. The cancel key is the gateway's own.</summary>
    public static void WriteWelcome(IBufferWriter<byte> output, byte[] serverFinal, IEnumerable<KeyValuePair<string, string>> parameters,
        int processId, byte[] key)
    {
        if (serverFinal.Length > 0)
            MessageWriter.WriteAuthentication(output, 12, serverFinal);
        MessageWriter.WriteAuthentication(output, 0, []);
        foreach (var (name, value) in parameters)
            MessageWriter.WriteParameterStatus(output, name, value);
        MessageWriter.WriteBackendKeyData(output, processId, key);
        MessageWriter.WriteReadyForQuery(output, (byte)'I');
    }

    /// <summary>One answer for a wrong secret, an unknown login, an unknown resource and a closed one.</summary>
    public static Diagnostic AccessDenied(string login, string resource) => Diagnostic.Fatal(
        SqlState.InvalidPassword, $"access denied for user \"{login}\" to \"{resource}\"",
        "Check the user name, the secret and the resource name (the database); a new secret comes from: sallyport secrets issue.");

    /// <summary>Said of a source, never of a login: it tells nothing of who exists.</summary>
    public static Diagnostic TooManyWrongProofs(TimeSpan wait) => Diagnostic.Fatal(
        SqlState.TooManyConnections, "too many wrong proofs from this address",
        string.Create(CultureInfo.InvariantCulture, $"Try again in {Math.Ceiling(wait.TotalSeconds)} s."));

    public static Diagnostic NotOpened(SessionOpenOutcome outcome, string login, string resource) => outcome switch
    {
        SessionOpenOutcome.TooMany => Diagnostic.Fatal(
            SqlState.TooManyConnections, "the gateway has as many sessions as it may have", "Try again later."),
        SessionOpenOutcome.CannotRecord => Diagnostic.Fatal(
            SqlState.DiskFull, "the gateway cannot record a new session, and nothing passes unrecorded",
            "Tell who runs the gateway: its disk may be nearly full."),
        SessionOpenOutcome.Stopping => Diagnostic.Fatal(SqlState.CannotConnectNow, "the gateway is stopping", "Connect again."),
        _ => AccessDenied(login, resource),
    };

    /// <summary>Shows in the server's pg_stat_activity and log whose session it is.</summary>
    public static string ApplicationName(Core.Session session)
    {
        var suffix = ":" + session.Id;
        var name = string.Concat(session.Principal.Name.Select(static c => char.IsAscii(c) && !char.IsControl(c) ? c : '?'));
        var room = MaxApplicationName - "sallyport:".Length - suffix.Length;
        return "sallyport:" + (name.Length > room ? name[..room] : name) + suffix;
    }
}
