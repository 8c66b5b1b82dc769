using System.Buffers;
using System.Text.Json;
using Sallyport.Core;

namespace Sallyport.Approvals;

/// <summary>
/// The JSON of <c>hold.asked</c> and <c>hold.ended</c>. Says who asks, of what and under which rule; the command's text only when
/// asked for, its parameters never: a chat channel is no place for them.
/// </summary>
internal static class WebhookBody
{
    public static byte[] Write(HoldEvent change, bool includeText)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("type", change.Kind == HoldEventKind.Ended ? "hold.ended" : "hold.asked");
            json.WriteString("timestamp", change.At);
            json.WriteStartObject("data");
            WriteHold(json, change.Hold, includeText);
            if (change.Outcome is { } outcome)
                WriteOutcome(json, outcome, includeText);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteHold(Utf8JsonWriter json, Hold hold, bool includeText)
    {
        json.WriteString("id", hold.Id);
        json.WriteString("session", hold.Session.ToString());
        json.WriteString("principal", hold.Principal.Name);
        json.WriteString("onBehalfOf", hold.Principal.OnBehalfOf);
        json.WriteString("resource", hold.Resource);
        json.WriteString("protocol", hold.Protocol);
        json.WriteString("rule", hold.Rule);
        json.WriteString("note", hold.Note);
        json.WriteStartArray("approvers");
        foreach (var approver in hold.Terms.Approvers)
            json.WriteStringValue(approver);
        json.WriteEndArray();
        json.WriteNumber("count", hold.Terms.Count);
        json.WriteBoolean("ticket", hold.IsTicket);
        json.WriteBoolean("inTransaction", hold.InTransaction);
        json.WriteString("askedAt", hold.AskedAt);
        json.WriteString("expiresAt", hold.ExpiresAt);
        json.WriteString("shape", hold.Shape);
        json.WriteString("estimate", hold.Estimate);
        if (includeText)
            json.WriteString("text", hold.Text);
    }

    private static void WriteOutcome(Utf8JsonWriter json, HoldOutcome outcome, bool includeText)
    {
        json.WriteString("state", outcome.State.ToString().ToLowerInvariant());
        json.WriteStartArray("by");
        foreach (var name in outcome.By)
            json.WriteStringValue(name);
        json.WriteEndArray();
        json.WriteString("reason", outcome.Reason);
        if (includeText && outcome.ModifiedText is not null)
            json.WriteString("modifiedText", outcome.ModifiedText);
    }
}
