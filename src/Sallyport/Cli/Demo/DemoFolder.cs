using System.Buffers.Text;
using System.Security.Cryptography;
using Sallyport.Hosting;

namespace Sallyport.Cli.Demo;

/// <summary>The demo's folder and the names of what is in it. Secrets are made once and stay, so that a second start finds its
/// state.</summary>
internal sealed class DemoFolder
{
    public DemoFolder(string path) => Path = System.IO.Path.GetFullPath(path);

    public string Path { get; }

    public string Config => this["sallyport.yaml"];

    public string PolicyFile => this["policy.yaml"];

    public string Cluster => this["postgres"];

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

    public static string Read(string file) => File.ReadAllText(file).TrimEnd('\n');
}
