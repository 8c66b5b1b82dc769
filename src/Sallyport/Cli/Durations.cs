using System.CommandLine;
using System.Globalization;

namespace Sallyport.Cli;

/// <summary>Durations on the command line, spelled as in the configuration: <c>30s</c>, <c>10m</c>, <c>8h</c>, <c>30d</c>.</summary>
internal static class Durations
{
    public static Option<TimeSpan?> Option(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "TIME",
        CustomParser = static result =>
        {
            var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
            if (TryParse(text) is { } value)
                return value;
            result.AddError($"\"{text}\" is not a time such as 30s, 10m, 8h or 30d.");
            return null;
        },
    };

    /// <summary>In one unit, rounded down: for "how long ago" and "how long still".</summary>
    public static string Show(TimeSpan time) => time switch
    {
        { TotalDays: >= 2 } => $"{(int)time.TotalDays}d",
        { TotalHours: >= 2 } => $"{(int)time.TotalHours}h",
        { TotalMinutes: >= 2 } => $"{(int)time.TotalMinutes}m",
        _ => $"{(int)time.TotalSeconds}s",
    };

    private static TimeSpan? TryParse(string text)
    {
        if (text.Length < 2 ||
            !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count == 0)
            return null;
        return text[^1] switch
        {
            's' => TimeSpan.FromSeconds(count),
            'm' => TimeSpan.FromMinutes(count),
            'h' => TimeSpan.FromHours(count),
            'd' when count < 36_500 => TimeSpan.FromDays(count),
            _ => null,
        };
    }
}
