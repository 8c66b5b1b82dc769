using Sallyport.Testing.Processes;

namespace Sallyport.Testing.Ssh;

/// <summary>Where the programs of one OpenSSH are.</summary>
/// <param name="Ssh">The client.</param>
/// <param name="Scp">With the option that names the client, as <paramref name="Sftp"/>: both would start the system's.</param>
/// <param name="Sftp">The client of the SFTP subsystem.</param>
/// <param name="Sshd">The server.</param>
/// <param name="SftpServer">Its SFTP subsystem.</param>
/// <param name="ServerLines">What its configuration must say because of where it is.</param>
public sealed record OpenSsh(string Ssh, string Scp, string Sftp, string Sshd, string SftpServer, string[] ServerLines)
{
    /// <summary>The system's own.</summary>
    public static OpenSsh Installed { get; } = new("ssh", "scp", "sftp", "/usr/sbin/sshd", "/usr/lib/openssh/sftp-server", []);

    /// <summary>OpenSSH 10, which ./test unpacks beside the system's. Throws when it has not.</summary>
    public static OpenSsh Ten => Unpacked(Path.Combine(Repository.Root, "tests", "Support", "Ssh", "openssh-10"));

    private static OpenSsh Unpacked(string link)
    {
        var folder = Directory.ResolveLinkTarget(link, returnFinalTarget: true)?.FullName ?? link;
        string In(string path) => File.Exists(Path.Combine(folder, path))
            ? Path.Combine(folder, path)
            : throw new InvalidOperationException($"OpenSSH 10 is not in {link}: ./test puts it there");
        var ssh = In("usr/bin/ssh");
        return new OpenSsh(
            ssh, $"{In("usr/bin/scp")} -S {ssh}", $"{In("usr/bin/sftp")} -S {ssh}", In("usr/sbin/sshd"), In("usr/lib/openssh/sftp-server"),
            [$"SshdSessionPath {In("usr/lib/openssh/sshd-session")}", $"SshdAuthPath {In("usr/lib/openssh/sshd-auth")}"]);
    }
}
