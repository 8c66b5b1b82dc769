using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace Sallyport.Telemetry;

/// <summary>
/// Log lines on stderr: JSON, one event a line, with its stable id; or short lines for a terminal. Both escape controls, so a
/// message can never look like two.
/// </summary>
internal static class ConsoleLogging
{
    /// <summary>Put together by hand: a container that does it takes a tenth of the whole start.</summary>
    public static ILoggerFactory Create(bool isTerminal, LogLevel minimum = LogLevel.Information)
    {
        ConsoleFormatter formatter = isTerminal ? new LineFormatter() : new JsonFormatter();
        var console = new Unchanging(new() { LogToStandardErrorThreshold = LogLevel.Trace, FormatterName = formatter.Name });
        var filter = new LoggerFilterOptions { MinLevel = minimum };
        filter.AddFilter("Microsoft", LogLevel.Warning);
        // A start that fails is told in one line by who asked for it, not by the host's stack trace as well.
        filter.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        return new LoggerFactory([new ConsoleLoggerProvider(console, [formatter])], filter);
    }

    private sealed class Unchanging(ConsoleLoggerOptions options) : IOptionsMonitor<ConsoleLoggerOptions>
    {
        public ConsoleLoggerOptions CurrentValue => options;

        public ConsoleLoggerOptions Get(string? name) => options;

        public IDisposable? OnChange(Action<ConsoleLoggerOptions, string?> listener) => null;
    }
}
