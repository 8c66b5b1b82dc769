using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Sallyport.Core;

/// <summary>
/// A pattern for where a connection goes: <c>db1:5432</c>, <c>*.internal:443</c>, <c>10.0.0.0/8:22</c>, <c>[fd00::/8]:*</c>. In a host
/// <c>*</c> stands for any run of characters, as a port for any port. A network fits addresses only: what a name resolves to is the target's
/// business, and a rule that denies a network does not meet names. Immutable.
/// </summary>
public sealed class DestinationPattern
{
    private readonly Glob _host;
    private readonly IPNetwork? _network;
    private readonly ushort? _port;

    private DestinationPattern(string text, Glob host, IPNetwork? network, ushort? port)
    {
        Text = text;
        _host = host;
        _network = network;
        _port = port;
    }

    public string Text { get; }

    /// <summary>
    /// A destination as it is compared: names in lower case without a last dot, addresses as they are written shortest (<c>127.1</c> and
    /// <c>::ffff:127.0.0.1</c> are <c>127.0.0.1</c>), IPv6 in brackets.
    /// </summary>
    public static string Spell(string host, int port)
    {
        var name = Address(host) is { } address
            ? address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : address.ToString()
            : host.TrimEnd('.').ToLowerInvariant();
        return string.Create(CultureInfo.InvariantCulture, $"{name}:{port}");
    }

    /// <summary>Null when it is not a host and a port.</summary>
    public static DestinationPattern? Parse(string text)
    {
        if (!TrySplit(text, out var host, out var port))
            return null;
        ushort? number = ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? parsed : null;
        if (number is null && port != "*")
            return null;
        if (host.Contains('/', StringComparison.Ordinal))
            return IPNetwork.TryParse(host, out var network) ? new DestinationPattern(text, new Glob(""), network, number) : null;
        // 10.* would fit the name 10.example.com: networks are written as networks.
        var hasStar = host.Contains('*', StringComparison.Ordinal);
        if (host != "*" && hasStar && host.All(static c => char.IsAsciiDigit(c) || c is '.' or '*' or ':'))
            return null;
        var name = hasStar ? host.ToLowerInvariant() : Spell(host, 0)[..^2].Trim('[', ']');
        return new DestinationPattern(text, new Glob(name), null, number);
    }

    /// <param name="destination">As <see cref="Spell"/> writes it.</param>
    public bool Matches(string destination)
    {
        if (!TrySplit(destination, out var host, out var port))
            return false;
        if (_port is { } mine && port != mine.ToString(CultureInfo.InvariantCulture))
            return false;
        return _network is { } network ? Address(host) is { } address && network.Contains(address) : _host.Matches(host);
    }

    public override string ToString() => Text;

    /// <summary>The address that a resolver would make of the text; null for a name.</summary>
    private static IPAddress? Address(string host)
    {
        if (!IPAddress.TryParse(host, out var address))
            return null;
        return address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
    }

    private static bool TrySplit(string text, out string host, out string port)
    {
        var colon = text.LastIndexOf(':');
        (host, port) = colon <= 0 ? ("", "") : (text[..colon], text[(colon + 1)..]);
        if (host.StartsWith('[') && host.EndsWith(']'))
            host = host[1..^1];
        else if (host.Contains(':', StringComparison.Ordinal))
            return false;
        return host.Length > 0 && port.Length > 0;
    }
}
