using System.Diagnostics;
using Sallyport.Testing.Processes;

namespace Sallyport.Testing.Ssh;

/// <summary>A real OpenSSH server on a free port of the loopback, with keys and a folder of its own; it lets the test's own user in.</summary>
public sealed class SshServer : IDisposable
{
    private readonly TemporaryFolder _folder;
    private readonly string _program;
    private Process _process;

    private SshServer(TemporaryFolder folder, string program, Process process, int port)
    {
        _folder = folder;
        _program = program;
        _process = process;
        Port = port;
    }

    public int Port { get; }

    /// <summary>Where the server's files are, and where tests may put theirs.</summary>
    public string Folder => _folder.FullPath;

    /// <summary>The private key that the server lets in.</summary>
    public string UserKey => _folder["user"];

    /// <summary><c>ssh-ed25519 AAAA…</c></summary>
    public string HostKey => PublicLine("host");

    public string this[string name] => _folder[name];

    public static async Task<SshServer> StartAsync(OpenSsh openSsh)
    {
        var folder = new TemporaryFolder("sshd");
        foreach (var name in (string[])["host", "user"])
            await MakeKeyAsync(folder[name]);
        await File.WriteAllLinesAsync(folder["config"],
        [
            "ListenAddress 127.0.0.1", "PidFile none", "UsePAM no", "StrictModes no", "PermitRootLogin yes", "MaxStartups 100", "MaxSessions 100",
            "AcceptEnv *", $"Subsystem sftp {openSsh.SftpServer}", $"HostKey {folder["host"]}", $"AuthorizedKeysFile {folder["user"]}.pub",
            .. openSsh.ServerLines,
        ]);
        // Where a root's sshd puts its unprivileged half; Debian's service makes it.
        if (Environment.IsPrivilegedProcess)
            Directory.CreateDirectory("/run/sshd");
        while (true)
        {
            var port = FreePort.Next();
            var process = Start(openSsh.Sshd, folder, port);
            if (await FreePort.WaitUntilOpenAsync(port, () => process.HasExited, TimeSpan.FromSeconds(30)))
                return new SshServer(folder, openSsh.Sshd, process, port);
            if (!process.HasExited || process.ExitCode != 255)
                throw new InvalidOperationException("sshd does not listen");
        }
    }

    /// <summary>Has it come back on its port with another host key.</summary>
    public async Task ChangeHostKeyAsync()
    {
        Stop();
        File.Delete(_folder["host"]);
        File.Delete(_folder["host.pub"]);
        await MakeKeyAsync(_folder["host"]);
        _process = Start(_program, _folder, Port);
        if (!await FreePort.WaitUntilOpenAsync(Port, () => _process.HasExited, TimeSpan.FromSeconds(30)))
            throw new InvalidOperationException("sshd does not listen again");
    }

    public void Dispose()
    {
        Stop();
        _folder.Dispose();
    }

    private void Stop()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
    }

    private static async Task MakeKeyAsync(string path) =>
        (await Command.RunAsync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", path])).OrThrow("ssh-keygen");

    private static Process Start(string program, TemporaryFolder folder, int port)
    {
        var process = Command.Start(program, ["-D", "-e", "-f", folder["config"], "-p", $"{port}"]);
        // Nobody reads them otherwise, and a full pipe would stop the server.
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private string PublicLine(string name) => string.Join(' ', File.ReadAllText(_folder[name + ".pub"]).Split(' ')[..2]);
}
