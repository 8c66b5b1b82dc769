using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Sallyport.Core;

/// <summary>
/// Where a client comes from, as limits count it: an IPv4 address, the first 64 bits of an IPv6 address (one customer has at least
/// that many, so a limit per address would be none), or this machine's own socket.
/// </summary>
public readonly record struct ClientSource
{
    private readonly AddressFamily _family;
    private readonly ulong _bits;

    private ClientSource(AddressFamily family, ulong bits)
    {
        _family = family;
        _bits = bits;
    }

    /// <param name="address">Null for a client without an address.</param>
    public static ClientSource Of(IPAddress? address)
    {
        if (address is null)
            return default;
        Span<byte> bytes = stackalloc byte[16];
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        plain.TryWriteBytes(bytes, out var length);
        return length == 4
            ? new ClientSource(AddressFamily.InterNetwork, BinaryPrimitives.ReadUInt32BigEndian(bytes))
            : new ClientSource(AddressFamily.InterNetworkV6, BinaryPrimitives.ReadUInt64BigEndian(bytes));
    }

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        switch (_family)
        {
            case AddressFamily.InterNetwork:
                BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)_bits);
                return new IPAddress(bytes[..4]).ToString();
            case AddressFamily.InterNetworkV6:
                BinaryPrimitives.WriteUInt64BigEndian(bytes, _bits);
                return new IPAddress(bytes) + "/64";
            default:
                return "local";
        }
    }
}
