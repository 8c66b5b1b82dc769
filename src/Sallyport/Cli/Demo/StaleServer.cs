using System.Diagnostics;
using System.Globalization;

namespace Sallyport.Cli.Demo;

/// <summary>
/// What a killed demo may have left: a server that still runs on the cluster, or only its postmaster.pid, which keeps the next one
/// from starting when another program has that process id by now. The caller owns the folder (<see cref="DemoFolder.Lock"/>).
/// </summary>
internal static class StaleServer
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    public static async Task EndAsync(DemoFolder folder, CancellationToken stop)
    {
        var file = Path.Combine(folder.Cluster, "postmaster.pid");
        if (!File.Exists(file))
            return;
        if (int.TryParse(File.ReadLines(file).FirstOrDefault(), CultureInfo.InvariantCulture, out var id))
        {
            var since = Stopwatch.StartNew();
            for (var runs = Runs(id, folder.Cluster); runs; runs = Runs(id, folder.Cluster))
            {
                if (since.Elapsed > Limit)
                    throw new CliFailure(ExitCode.Failed, $"the database of an earlier demo, process {id}, does not end.", $"Run: kill -QUIT {id}");
                await ChildProcess.SignalAsync(id, "INT", stop);
                await Task.Delay(TimeSpan.FromMilliseconds(200), stop);
            }
        }
        File.Delete(file);
    }

    private static bool Runs(int id, string cluster)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/cmdline").Split('\0').Contains(cluster);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
