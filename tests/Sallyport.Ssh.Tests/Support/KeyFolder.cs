using Sallyport.Testing.Processes;

namespace Sallyport.Ssh.Tests.Support;

/// <summary>Keys, certificates and signatures made by the real ssh-keygen.</summary>
internal sealed class KeyFolder : IDisposable
{
    private readonly TemporaryFolder _folder = new("keys");

    public string this[string name] => _folder[name];

    public void Dispose() => _folder.Dispose();

    /// <summary>Makes a key pair and gives the path of the private half.</summary>
    public async Task<string> GenerateAsync(string name, params string[] options)
    {
        await KeygenAsync(["-q", "-f", this[name], "-C", name + "@test", .. options.Contains("-N") ? options : [.. options, "-N", ""]]);
        return this[name];
    }

    /// <summary>Has the authority sign the key, and gives the certificate's blob.</summary>
    public async Task<byte[]> CertifyAsync(string authority, string key, params string[] options)
    {
        await KeygenAsync(["-q", "-s", this[authority], "-I", "id of " + key, .. options, this[key] + ".pub"]);
        return Blob(await File.ReadAllTextAsync(this[key] + "-cert.pub"));
    }

    public byte[] PublicBlob(string name) => Blob(PublicLine(name));

    public string PublicLine(string name) => File.ReadAllText(this[name] + ".pub").Trim();

    public byte[] PrivateText(string name) => File.ReadAllBytes(this[name]);

    /// <summary>Runs ssh-keygen and gives what it printed.</summary>
    public static async Task<string> KeygenAsync(IEnumerable<string> arguments, string input = "") =>
        (await Command.RunAsync("ssh-keygen", arguments, input: input)).OrThrow("ssh-keygen").Output;

    private static byte[] Blob(string line) => Convert.FromBase64String(line.Split(' ')[1]);
}
