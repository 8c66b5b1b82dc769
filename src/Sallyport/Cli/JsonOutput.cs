using System.Text.Json;
using Sallyport.Admin;

namespace Sallyport.Cli;

/// <summary>Data for machines. The default encoder escapes every control and non-ASCII character, so a terminal is safe too.</summary>
internal static class JsonOutput
{
    public static void Write<T>(CliContext cli, T value) => cli.Out.WriteLine(JsonSerializer.Serialize(value, AdminJson.Indented<T>()));
}
