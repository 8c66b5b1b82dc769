using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sallyport.Admin;

/// <summary>How the admin API and <c>--json</c> write JSON: camelCase, enums as words, nulls left out.</summary>
internal static class AdminJson
{
    public static readonly JsonSerializerOptions Compact = Make(indented: false);

    public static readonly JsonSerializerOptions Indented = Make(indented: true);

    public static void Apply(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase));
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
    }

    private static JsonSerializerOptions Make(bool indented)
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web) { WriteIndented = indented };
        Apply(options);
        return options;
    }
}
