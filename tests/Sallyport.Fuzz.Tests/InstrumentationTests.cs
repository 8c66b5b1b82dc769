using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Sallyport.Fuzz.Tests;

/// <summary>What fuzz/run does: a copy of the program is instrumented and counts the edges that inputs reach.</summary>
public sealed partial class InstrumentationTests
{
    [Fact]
    public async Task AnInstrumentedCopyIsGuidedByTheEdgesItReaches()
    {
        var folder = Directory.CreateTempSubdirectory("sallyport-fuzz-").FullName;
        try
        {
            foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory))
                File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
            Instrumentation.Apply(folder);

            var report = await RunAsync(
                folder, "views", "--iterations", "20000", "--kept", Path.Combine(folder, "kept"), "--work", Path.Combine(folder, "work"));

            var last = Reported().Matches(report)[^1];
            Assert.True(int.Parse(last.Groups["edges"].Value, CultureInfo.InvariantCulture) > 50, report);
            // More than the valid inputs it began with.
            Assert.NotEmpty(Directory.GetFiles(Path.Combine(folder, "work", "views", "new")));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<string> RunAsync(string folder, params string[] arguments)
    {
        var program = Path.Combine(folder, "Sallyport.Fuzz.dll");
        var start = new ProcessStartInfo("dotnet", [program, "run", .. arguments]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var report = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        return report;
    }

    [GeneratedRegex("(?<edges>[0-9]+) edges")]
    private static partial Regex Reported();
}
