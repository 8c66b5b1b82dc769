using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Sallyport.Telemetry;

namespace Sallyport.Tests.Hosting;

public class JsonFormatterTests
{
    [Fact]
    public void An_event_is_one_line_of_JSON_whatever_is_in_it()
    {
        KeyValuePair<string, object?>[] state = [new("Name", "a\nb\u001b[31m"), new("Count", 3), new("Live", true), new("None", null)];
        using var output = new StringWriter();

        new JsonFormatter().Write(
            new LogEntry<KeyValuePair<string, object?>[]>(
                LogLevel.Warning, "Sallyport.Gateway", new EventId(12), state, new IOException("x\ny"), static (_, _) => "said\nso"),
            null, output);

        var line = output.ToString();
        Assert.Equal(line.Length - 1, line.IndexOf('\n', StringComparison.Ordinal));
        Assert.DoesNotContain('\u001b', line);
        var read = JsonDocument.Parse(line).RootElement;
        Assert.Equal((12, "Warning", "Sallyport.Gateway", "said\nso"), (read.GetProperty("EventId").GetInt32(),
            read.GetProperty("LogLevel").GetString(), read.GetProperty("Category").GetString(), read.GetProperty("Message").GetString()));
        Assert.Contains("x\ny", read.GetProperty("Exception").GetString(), StringComparison.Ordinal);
        Assert.True(DateTimeOffset.TryParse(read.GetProperty("Timestamp").GetString(), out _));
        Assert.Equal("""{"Name":"a\nb\u001B[31m","Count":3,"Live":true,"None":""}""", read.GetProperty("State").GetRawText());
    }
}
