using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Sallyport.Core;

namespace Sallyport.Storage;

/// <summary>The JSON in the stores' columns. Reading ignores members it does not know, so an older gateway can read a newer row.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(SessionIdConverter), typeof(TextSetConverter), typeof(BytesConverter)])]
[JsonSerializable(typeof(Hold))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class StorageJson : JsonSerializerContext
{
    public static T Read<T>(string json, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(json, type) ?? throw new StoreException(StoreFault.Corrupted, "a column holds no value");
        }
        catch (JsonException e)
        {
            throw new StoreException(StoreFault.Corrupted, "a column holds no valid JSON", e);
        }
    }

    private sealed class SessionIdConverter : JsonConverter<SessionId>
    {
        public override SessionId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            Core.SessionId.TryParse(reader.GetString(), out var id) ? id : throw new JsonException("not a session id");

        public override void Write(Utf8JsonWriter writer, SessionId value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.ToString());
    }

    private sealed class TextSetConverter : JsonConverter<FrozenSet<string>>
    {
        public override FrozenSet<string> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            (JsonSerializer.Deserialize(ref reader, Default.StringArray) ?? []).ToFrozenSet(StringComparer.Ordinal);

        public override void Write(Utf8JsonWriter writer, FrozenSet<string> value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(writer, [.. value.Order(StringComparer.Ordinal)], Default.StringArray);
    }

    private sealed class BytesConverter : JsonConverter<ImmutableArray<byte>>
    {
        public override ImmutableArray<byte> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            [.. reader.GetBytesFromBase64()];

        public override void Write(Utf8JsonWriter writer, ImmutableArray<byte> value, JsonSerializerOptions options) =>
            writer.WriteBase64StringValue(value.AsSpan());
    }
}
