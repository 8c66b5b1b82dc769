using Microsoft.Extensions.Logging.Console;

namespace Sallyport.Telemetry;

/// <summary>
/// Log lines on stderr: JSON, one event a line, with its stable id; or short lines for a terminal. Both escape controls, so a
/// message can never look like two.
/// </summary>
internal static class ConsoleLogging
{
    public static ILoggerFactory Create(bool isTerminal, LogLevel minimum = LogLevel.Information) => LoggerFactory.Create(logging =>
    {
        logging.SetMinimumLevel(minimum);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        // A start that fails is told in one line by who asked for it, not by the host's stack trace as well.
        logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        logging.AddConsole(console =>
        {
            console.LogToStandardErrorThreshold = LogLevel.Trace;
            console.FormatterName = isTerminal ? LineFormatter.FormatterName : ConsoleFormatterNames.Json;
        });
        logging.Services.AddSingleton<ConsoleFormatter, LineFormatter>();
        logging.AddJsonConsole(json =>
        {
            json.UseUtcTimestamp = true;
            json.TimestampFormat = "O";
        });
        if (isTerminal)
            logging.Services.Configure<ConsoleLoggerOptions>(static console => console.FormatterName = LineFormatter.FormatterName);
    });
}
