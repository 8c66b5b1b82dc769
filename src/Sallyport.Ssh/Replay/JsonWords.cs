using System.Text.Json;

namespace Sallyport.Ssh.Replay;

/// <summary>The members of a JSON object in one line for people; what is none is shown as it is.</summary>
internal static class JsonWords
{
    public static string Of(string json, params ReadOnlySpan<string> without)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var words = new List<string>();
            foreach (var member in document.RootElement.EnumerateObject())
            {
                if (!without.Contains(member.Name) && member.Value.ValueKind != JsonValueKind.Null)
                    words.Add($"{SafeText.Escape(member.Name)}={ValueOf(member.Value)}");
            }
            return string.Join(' ', words);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return SafeText.Escape(json);
        }
    }

    /// <summary>Quoted unless it is one plain word, so that no value can pass for several.</summary>
    private static string ValueOf(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Array)
            return string.Join(',', value.EnumerateArray().Select(ValueOf));
        if (value.ValueKind != JsonValueKind.String)
            return SafeText.Escape(value.GetRawText());
        var text = value.GetString()!;
        return text.Length > 0 && text.All(static c => char.IsAsciiLetterOrDigit(c) || "-_./:@+".Contains(c, StringComparison.Ordinal))
            ? text
            : '"' + SafeText.Escape(text).Replace("\"", "\\\"", StringComparison.Ordinal) + '"';
    }
}
