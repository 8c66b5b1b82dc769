using System.Text.Json;
using Sallyport.Testing.Processes;

namespace Sallyport.Testing.Runners;

/// <summary>What a client program reported.</summary>
public sealed record ClientResult(int ExitCode, string Output, string Error)
{
    /// <summary>The program's exit code when it has no such scenario.</summary>
    public const int NoSuchScenario = 64;

    /// <summary>Its observations in order, from lines such as <c>{"check": "row", "value": 2}</c>; not for psql.</summary>
    public IReadOnlyList<(string Check, JsonElement Value)> Observations =>
    [
        .. Lines.Where(line => line.StartsWith('{')).Select(line => JsonSerializer.Deserialize<JsonElement>(line))
            .Select(element => (element.GetProperty("check").GetString()!, element.GetProperty("value"))),
    ];

    public IReadOnlyList<string> Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The value of the first observation of this name, as text.</summary>
    public string this[string check]
    {
        get
        {
            foreach (var (name, value) in Observations)
                if (name == check)
                    return value.ToString();
            throw new InvalidOperationException($"The client did not report '{check}' (exit code {ExitCode}):\n{Output}\n{Error}");
        }
    }

    internal static ClientResult From(CommandResult result) => new(result.ExitCode, result.Output, result.Error);
}
