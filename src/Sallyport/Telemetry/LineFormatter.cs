using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Sallyport.Core;

namespace Sallyport.Telemetry;

/// <summary><c>22:10:03 info 1000 session … opened</c>: one line per event, whatever is in it.</summary>
internal sealed class LineFormatter : ConsoleFormatter
{
    public const string FormatterName = "line";

    public LineFormatter()
        : base(FormatterName)
    {
    }

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var message = SafeText.Escape(logEntry.Formatter(logEntry.State, logEntry.Exception));
        var level = logEntry.LogLevel.ToString().ToLowerInvariant();
        textWriter.Write(string.Create(CultureInfo.InvariantCulture,
            $"{DateTimeOffset.UtcNow:HH:mm:ss} {level} {logEntry.EventId.Id} {message}"));
        if (logEntry.Exception is { } exception)
            textWriter.Write($" | {SafeText.Escape(exception.ToString())}");
        textWriter.Write('\n');
    }
}
