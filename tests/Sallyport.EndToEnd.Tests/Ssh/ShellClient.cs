using System.Diagnostics;
using System.Text;
using Sallyport.Testing.Processes;

namespace Sallyport.EndToEnd.Tests.Ssh;

/// <summary>An ssh with a shell, typed into when it has shown what was expected.</summary>
internal sealed class ShellClient : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly Process _process;
    private readonly StringBuilder _seen = new();
    private readonly List<Task> _reading;
    private TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _at;

    private ShellClient(Process process)
    {
        _process = process;
        _reading = [ReadAsync(process.StandardOutput), ReadAsync(process.StandardError)];
    }

    /// <summary>All that was shown, standard error too.</summary>
    public string Seen
    {
        get
        {
            lock (_seen)
                return _seen.ToString();
        }
    }

    public static ShellClient Start(SshGateway gateway, string login, params string[] options) =>
        new(Command.Start("ssh", ["-F", gateway.ConfigFile, .. options, $"{login}@gw"]));

    /// <summary>The same at a terminal of a size, which programs see (by python's pty module).</summary>
    public static ShellClient StartSized(SshGateway gateway, string principal, int columns, int rows) => new(Command.Start("python3",
    [
        "-c", """
            import fcntl, os, pty, select, struct, sys, termios
            pid, fd = pty.fork()
            if pid == 0:
                os.execvp("ssh", ["ssh"] + sys.argv[3:])
            def size(columns, rows):
                fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            size(int(sys.argv[1]), int(sys.argv[2]))
            while True:
                ready, _, _ = select.select([0, fd], [], [])
                if fd in ready:
                    try: data = os.read(fd, 65536)
                    except OSError: data = b""
                    if not data: break
                    os.write(1, data)
                if 0 in ready:
                    data = os.read(0, 65536)
                    if not data: break
                    # A line of the test's own changes the size.
                    if data.startswith(b"\0size "):
                        order, _, data = data.partition(b"\n")
                        size(*map(int, order.split()[1:]))
                    os.write(fd, data)
            sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
            """, $"{columns}", $"{rows}", "-F", gateway.ConfigFile, $"{principal}+web1@gw",
    ], new Dictionary<string, string?> { ["TERM"] = "xterm" }));

    public async Task TypeAsync(string keys)
    {
        await _process.StandardInput.WriteAsync(keys);
        await _process.StandardInput.FlushAsync();
    }

    public void CloseInput() => _process.StandardInput.Close();

    /// <summary>Waits until a text is shown behind the last one, and says what was shown before it.</summary>
    public async Task<string> ExpectAsync(string text)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            Task news;
            lock (_seen)
            {
                var seen = _seen.ToString();
                if (seen.IndexOf(text, _at, StringComparison.Ordinal) is var found and >= 0)
                {
                    var before = seen[_at..found];
                    _at = found + text.Length;
                    return before;
                }
                news = _news.Task;
            }
            var ended = Task.WhenAll(_reading);
            try
            {
                if (await Task.WhenAny(news, ended).WaitAsync(patience.Token) == ended && !Seen[_at..].Contains(text, StringComparison.Ordinal))
                    throw new InvalidOperationException($"it ended without \"{text}\":\n{Seen}");
            }
            catch (OperationCanceledException)
            {
                throw new InvalidOperationException($"not shown: \"{text}\" behind:\n{Seen}");
            }
        }
    }

    /// <summary>Types a line at the prompt and says what was shown until the next one.</summary>
    public async Task<string> RunAsync(string line)
    {
        await TypeAsync(line + "\r");
        // The echo, in which a long line may be wrapped, ends with the switch of paste marks.
        await ExpectAsync("\e[?2004l");
        return (await ExpectAsync("\e[?2004h")).Replace("\r\n", "\n", StringComparison.Ordinal);
    }

    public async Task<int> ExitCodeAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(patience.Token);
        await Task.WhenAll(_reading);
        return _process.ExitCode;
    }

    public void Kill() => _process.Kill(entireProcessTree: true);

    public void Dispose()
    {
        if (!_process.HasExited)
            Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private async Task ReadAsync(StreamReader from)
    {
        var buffer = new char[4096];
        while (await from.ReadAsync(buffer) is var read and > 0)
        {
            lock (_seen)
            {
                _seen.Append(buffer, 0, read);
                _news.TrySetResult();
                _news = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }
}
