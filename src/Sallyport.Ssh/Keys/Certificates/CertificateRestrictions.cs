using System.Net;
using System.Text;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Keys.Certificates;

/// <summary>
/// What a certificate narrows: its critical options, and the permissions that it has to give by an extension. They bind the whole
/// session, whatever else was proved in it (CVE-2026-39828). Immutable.
/// </summary>
public sealed class CertificateRestrictions
{
    /// <summary>Of a proof that restricts nothing: a plain key, a secret.</summary>
    public static CertificateRestrictions None { get; } = new() { PermitsPty = true, PermitsPortForwarding = true };

    /// <summary>The one command that may run, whatever is asked for; or null.</summary>
    public string? ForceCommand { get; private init; }

    /// <summary>Where the client must be; empty is anywhere.</summary>
    public IReadOnlyList<IPNetwork> SourceAddresses { get; private init; } = [];

    /// <summary>The key must be in a token that asked for a PIN or a finger at this very signature.</summary>
    public bool RequiresUserVerification { get; private init; }

    public bool PermitsPty { get; private init; }

    public bool PermitsPortForwarding { get; private init; }

    /// <summary>Whether the client may come from there.</summary>
    public bool Admits(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return SourceAddresses.Count == 0 || SourceAddresses.Any(n => n.Contains(plain));
    }

    /// <summary>Null and the fault when an option is not understood: that is what critical means.</summary>
    internal static CertificateRestrictions? Read(CertificateKind kind, ReadOnlySpan<byte> critical, ReadOnlySpan<byte> extensions,
        out string? fault)
    {
        fault = "the certificate's options are malformed, twice there or not in order";
        if (!TryReadOptions(critical, out var options) || !TryReadOptions(extensions, out var permits))
            return null;
        string? command = null;
        IReadOnlyList<IPNetwork> sources = [];
        var needsVerification = false;
        foreach (var (name, data) in options)
        {
            fault = $"the certificate's critical option {name} is not understood or malformed";
            switch (name)
            {
                case "force-command" when kind == CertificateKind.User && TryUnpack(data, out command) && command.Length > 0:
                    break;
                case "source-address" when kind == CertificateKind.User && TryUnpack(data, out var list) &&
                    ReadNetworks(list) is { } networks:
                    sources = networks;
                    break;
                case "verify-required" when kind == CertificateKind.User && data.Length == 0:
                    needsVerification = true;
                    break;
                default:
                    return null;
            }
        }
        fault = null;
        return new CertificateRestrictions
        {
            ForceCommand = command,
            SourceAddresses = sources,
            RequiresUserVerification = needsVerification,
            PermitsPty = permits.Any(static p => p.Name == "permit-pty"),
            PermitsPortForwarding = permits.Any(static p => p.Name == "permit-port-forwarding"),
        };
    }

    /// <summary>Names are unique and in lexical order (PROTOCOL.certkeys), so that no reader sees another value than the next one.</summary>
    private static bool TryReadOptions(ReadOnlySpan<byte> packed, out List<(string Name, byte[] Data)> options)
    {
        options = [];
        var reader = new SshReader(packed);
        while (!reader.IsAtEnd)
        {
            if (!reader.TryReadString(out var name) || name.Length is 0 or > 256 ||
                name.ContainsAnyExceptInRange((byte)'!', (byte)'~') ||
                !reader.TryReadString(out var data))
                return false;
            var text = Encoding.ASCII.GetString(name);
            if (options.Count > 0 && string.CompareOrdinal(options[^1].Name, text) >= 0)
                return false;
            options.Add((text, data.ToArray()));
        }
        return true;
    }

    private static bool TryUnpack(byte[] data, out string text)
    {
        text = "";
        var reader = new SshReader(data);
        return reader.TryReadString(out var value) && reader.IsAtEnd && CertificateReader.TryText(value, 8192, out text) &&
            !text.Contains('\0', StringComparison.Ordinal);
    }

    private static List<IPNetwork>? ReadNetworks(string list)
    {
        var networks = new List<IPNetwork>();
        foreach (var item in list.Split(','))
        {
            if (IPNetwork.TryParse(item, out var network))
                networks.Add(network);
            else if (IPAddress.TryParse(item, out var address))
                networks.Add(new IPNetwork(address, address.GetAddressBytes().Length * 8));
            else
                return null;
        }
        return networks;
    }
}
