using System.Globalization;
using Sallyport.Policy.Yaml;

namespace Sallyport.Hosting.Configuration;

/// <summary><c>host:port</c>, <c>host</c>, <c>[::1]:port</c>, or the folder of a Unix socket.</summary>
internal static class UpstreamAddress
{
    public static (string Host, int Port) Parse(YamlNode node, string text, int defaultPort)
    {
        var colon = text.LastIndexOf(':');
        var isBracketed = text.StartsWith('[') && text.Contains(']', StringComparison.Ordinal);
        var hasPort = colon > 0 && (isBracketed ? text[colon - 1] == ']' : text.IndexOf(':', StringComparison.Ordinal) == colon);
        var host = (hasPort ? text[..colon] : text).Trim('[', ']');
        var port = defaultPort;
        var isPort = !hasPort ||
            (int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and < 65536);
        if (isPort && IsHost(host))
            return (host, port);
        node.Problems.Error(node, $"must be host:port, a host, [IPv6]:port or the folder of a Unix socket, not \"{text}\".");
        return ("", 0);
    }

    private static bool IsHost(string host) =>
        host.StartsWith('/') || System.Net.IPAddress.TryParse(host, out _) || Uri.CheckHostName(host) == UriHostNameType.Dns;
}
