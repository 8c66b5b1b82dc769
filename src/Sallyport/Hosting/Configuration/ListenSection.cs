using System.Net;
using System.Text;
using Sallyport.Policy.Yaml;

namespace Sallyport.Hosting.Configuration;

/// <summary><c>listen:</c>. Protocols that this build does not speak are refused by name, not ignored.</summary>
internal sealed class ListenSection
{
    /// <summary>sun_path of Linux's <c>sockaddr_un</c> has 108 bytes with its terminator (unix(7)).</summary>
    private const int LongestSocketPath = 107;

    private static readonly string[] NotBuilt = ["https"];
    private readonly BasePath _paths;

    public ListenSection(BasePath paths) => _paths = paths;

    public ListenOptions Read(YamlMap? listen, string data)
    {
        var fallback = Path.Combine(data, "admin.sock");
        if (listen is null)
            return new ListenOptions { AdminSocket = fallback };
        foreach (var key in NotBuilt)
        {
            if (listen.Find(key) is { } node)
                node.Problems.Error(node, "this build does not speak that protocol yet; remove the line.");
        }
        var options = new ListenOptions
        {
            Postgres = ReadEndPoint(listen.Find("postgres")),
            Ssh = ReadEndPoint(listen.Find("ssh")),
            AdminSocket = _paths.Optional(listen, "admin") ?? fallback,
        };
        if (!listen.Has("postgres") && !listen.Has("ssh"))
            listen.Problems.Error(listen, "needs an address for postgres, ssh, or both.");
        if (Encoding.UTF8.GetByteCount(options.AdminSocket) > LongestSocketPath)
            listen.Problems.Error(listen,
                $"the path of the admin socket is longer than {LongestSocketPath} bytes; give a shorter one under admin.");
        listen.RefuseOthers();
        return options;
    }

    private static IPEndPoint? ReadEndPoint(YamlNode? node)
    {
        if (node?.AsText() is not { } text)
            return null;

        // IPEndPoint takes a bare address and makes the port 0, which would be any port.
        if (IPEndPoint.TryParse(text, out var endPoint) && text.EndsWith($":{endPoint.Port}", StringComparison.Ordinal))
            return endPoint;
        node.Problems.Error(node, $"must be an address and a port such as 127.0.0.1:6432 or [::]:6432, not \"{text}\".");
        return null;
    }
}
