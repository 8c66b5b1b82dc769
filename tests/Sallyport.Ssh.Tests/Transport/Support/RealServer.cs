using System.Diagnostics;
using Sallyport.Testing.Processes;

namespace Sallyport.Ssh.Tests.Transport.Support;

/// <summary>A real SSH server on a free port of the loopback, with keys and a folder of its own.</summary>
internal sealed class RealServer : IDisposable
{
    private readonly Process _process;
    private readonly TemporaryFolder _folder;

    private RealServer(Process process, TemporaryFolder folder, int port)
    {
        _process = process;
        _folder = folder;
        Port = port;
    }

    public int Port { get; }

    /// <summary>OpenSSH's sshd with these lines added to its configuration.</summary>
    public static async Task<RealServer> OpenSshAsync(Ed25519Signer user, params string[] lines)
    {
        var folder = new TemporaryFolder("sshd");
        foreach (var kind in (string[])["ed25519", "ecdsa"])
            (await Command.RunAsync("ssh-keygen", ["-q", "-t", kind, "-N", "", "-f", folder[kind]])).OrThrow("ssh-keygen");
        await File.WriteAllTextAsync(folder["authorized"], $"ssh-ed25519 {Convert.ToBase64String(user.PublicKey.Span)}\n");
        await File.WriteAllLinesAsync(folder["config"],
        [
            "ListenAddress 127.0.0.1", "PidFile none", "UsePAM no", "StrictModes no", "PermitRootLogin yes", "MaxStartups 100",
            $"HostKey {folder["ed25519"]}", $"HostKey {folder["ecdsa"]}", $"AuthorizedKeysFile {folder["authorized"]}", .. lines,
        ]);
        // Where a root's sshd puts its unprivileged half; Debian's service makes it.
        if (Environment.IsPrivilegedProcess)
            Directory.CreateDirectory("/run/sshd");
        return await StartAsync(folder, port => Command.Start("/usr/sbin/sshd", ["-D", "-e", "-f", folder["config"], "-p", $"{port}"]));
    }

    public static async Task<RealServer> DropbearAsync()
    {
        var folder = new TemporaryFolder("dropbear");
        (await Command.RunAsync("dropbearkey", ["-t", "ed25519", "-f", folder["key"]])).OrThrow("dropbearkey");
        return await StartAsync(folder,
            port => Command.Start("/usr/sbin/dropbear", ["-F", "-E", "-r", folder["key"], "-p", $"127.0.0.1:{port}", "-P", folder["pid"]]));
    }

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        _folder.Dispose();
    }

    private static async Task<RealServer> StartAsync(TemporaryFolder folder, Func<int, Process> start)
    {
        while (true)
        {
            var port = FreePort.Next();
            var process = start(port);
            // Nobody reads them otherwise, and a full pipe would stop the server.
            process.OutputDataReceived += (_, _) => { };
            process.ErrorDataReceived += (_, _) => { };
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            if (await FreePort.WaitUntilOpenAsync(port, () => process.HasExited, TimeSpan.FromSeconds(30)))
                return new RealServer(process, folder, port);
            Assert.True(process.HasExited, "the server does not listen");
            Assert.NotEqual(255, process.ExitCode);
        }
    }
}
