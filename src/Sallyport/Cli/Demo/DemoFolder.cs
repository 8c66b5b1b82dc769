using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Sallyport.Hosting;

namespace Sallyport.Cli.Demo;

/// <summary>The demo's folder and the names of what is in it. Secrets are made once and stay, so that a second start finds its
/// state.</summary>
internal sealed class DemoFolder
{
    private const string Elsewhere = "/var/lib/postgresql";

    public DemoFolder(string path)
    {
        Path = System.IO.Path.GetFullPath(path);
        Cluster = !Environment.IsPrivilegedProcess || IsPassable(System.IO.Path.GetDirectoryName(Path))
            ? this["postgres"]
            : System.IO.Path.Combine(Elsewhere, "sallyport-demo-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path)))[..8]);
    }

    public string Path { get; }

    public string Config => this["sallyport.yaml"];

    public string PolicyFile => this["policy.yaml"];

    /// <summary>
    /// Under the folder; but as root, when the server's user may not go through what the folder is in (/root), where it may.
    /// </summary>
    public string Cluster { get; }

    /// <summary>Connection settings for psql as the agent: a libpq service file.</summary>
    public string ClientFile => this["psql.conf"];

    /// <summary>The agent's secret as libpq's password file wants it.</summary>
    public string PasswordFile => this["bot-7.pgpass"];

    /// <summary>As short as it can be said from the current folder.</summary>
    public string Shown => Show(Path);

    public string ServerLog => this["postgres.log"];

    public string AgentSecret => this["bot-7.secret"];

    public string PersonSecret => this["dana.secret"];

    /// <summary>Of the database's superuser, which only this demo uses.</summary>
    public string OwnerSecret => this["database-owner.secret"];

    /// <summary>Of the role that the gateway logs in with.</summary>
    public string UpstreamSecret => this["database-gateway.secret"];

    public string AuthorityFile => this["data/tls/ca.pem"];

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Prepare()
    {
        try
        {
            PrivateFiles.MakeFolder(Path);
            foreach (var file in new[] { AgentSecret, PersonSecret, OwnerSecret, UpstreamSecret })
            {
                if (!File.Exists(file))
                    PrivateFiles.Write(file, Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(24)) + "\n");
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliFailure(ExitCode.CannotUseFiles, $"{Path} cannot be written: {e.Message}",
                "Choose another place with --data FOLDER.");
        }
    }

    /// <summary>Held for as long as the demo runs, and let go by the kernel however it ends.</summary>
    public FileStream Lock()
    {
        try
        {
            return new FileStream(this["demo.lock"], FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            throw new CliFailure(ExitCode.StateLocked, $"a demo runs in {Shown} already.", "Use that one, or say --data FOLDER for another.");
        }
    }

    public static string Show(string path)
    {
        var relative = System.IO.Path.GetRelativePath(Environment.CurrentDirectory, path);
        return relative.StartsWith("..", StringComparison.Ordinal) ? path : relative;
    }

    private static bool IsPassable(string? folder)
    {
        for (var at = folder; at is not null; at = System.IO.Path.GetDirectoryName(at))
        {
            if (!OperatingSystem.IsWindows() && Directory.Exists(at) && (File.GetUnixFileMode(at) & UnixFileMode.OtherExecute) == 0)
                return false;
        }
        return true;
    }

    public static string Read(string file) => File.ReadAllText(file).TrimEnd('\n');
}
