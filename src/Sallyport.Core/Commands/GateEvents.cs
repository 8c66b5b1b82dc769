using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;

namespace Sallyport.Core;

/// <summary>What a gate records besides commands, as JSON.</summary>
internal static class GateEvents
{
    /// <summary>What rules that only observe would have done with the next command.</summary>
    public static byte[] Observed(ImmutableArray<string> would, ulong command) => Write((would, command), static (json, told) =>
    {
        json.WriteString("event", "observed");
        WriteList(json, "would", told.would);
        json.WriteNumber("command", told.command);
    });

    /// <summary>What became of a hold.</summary>
    public static byte[] Outcome(string? hold, string outcome, ImmutableArray<string> by) => Write((hold, outcome, by), static (json, told) =>
    {
        json.WriteString("hold", told.hold);
        json.WriteString("outcome", told.outcome);
        WriteList(json, "by", told.by);
    });

    /// <summary>What people said.</summary>
    public static byte[] Outcome(string hold, HoldOutcome outcome) => Write((hold, outcome), static (json, told) =>
    {
        json.WriteString("hold", told.hold);
        json.WriteString("outcome", told.outcome.State.ToString().ToLowerInvariant());
        WriteList(json, "by", told.outcome.By);
        json.WriteString("reason", told.outcome.Reason);
        json.WriteString("text", told.outcome.ModifiedText);
    });

    private static byte[] Write<T>(T told, Action<Utf8JsonWriter, T> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            write(json, told);
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteList(Utf8JsonWriter json, string name, ImmutableArray<string> items)
    {
        json.WriteStartArray(name);
        foreach (var item in items)
            json.WriteStringValue(item);
        json.WriteEndArray();
    }
}
