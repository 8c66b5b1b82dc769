using System.Diagnostics;

namespace Sallyport.Testing.Processes;

/// <summary>
/// Kills the test run's child processes and removes its folders when the test process is gone, however it went.
/// A shell holds the read end of a pipe whose only writer is this process, so even <c>kill -9</c> closes it.
/// PR_SET_PDEATHSIG would not do: it fires when the starting thread ends, and pool threads do.
/// </summary>
internal static class Reaper
{
    private const string Script = """
        trap '' INT TERM HUP
        pids=' '; folders=' '
        while read -r what value; do
          case $what in
            +pid) pids="$pids$value " ;;
            -pid) pids="${pids%% $value *} ${pids#* $value }" ;;
            +folder) folders="$folders$value " ;;
          esac
        done
        for p in $pids; do kill -QUIT "$p"; done 2>/dev/null
        sleep 0.5
        for p in $pids; do kill -KILL "$p"; done 2>/dev/null
        for f in $folders; do rm -rf "$f"; done
        """;

    private static readonly Lock Gate = new();
    private static readonly Process Shell = Start();

    public static void Watch(int processId) => Tell($"+pid {processId}");

    public static void Forget(int processId) => Tell($"-pid {processId}");

    public static void RemoveLater(string folder) => Tell($"+folder {folder}");

    private static void Tell(string line)
    {
        lock (Gate)
        {
            Shell.StandardInput.WriteLine(line);
            Shell.StandardInput.Flush();
        }
    }

    private static Process Start()
    {
        // Its own session: a Ctrl-C at the terminal must not take the reaper before the reaped.
        var start = new ProcessStartInfo("setsid") { RedirectStandardInput = true, UseShellExecute = false };
        foreach (var argument in (string[])["sh", "-c", Script])
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }
}
