using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Sallyport.Sockets.Native;

/// <summary>The kernel's error numbers in .NET's words; <see cref="SocketException"/> takes Windows' numbers only.</summary>
internal static class SocketErrors
{
    public static SocketException Of(int errno) => new((int)Translate(errno), Marshal.GetPInvokeErrorMessage(errno));

    private static SocketError Translate(int errno) => errno switch
    {
        13 => SocketError.AccessDenied,
        24 => SocketError.TooManyOpenSockets,
        32 => SocketError.Shutdown,
        99 or 2 => SocketError.AddressNotAvailable,
        101 => SocketError.NetworkUnreachable,
        103 => SocketError.ConnectionAborted,
        104 => SocketError.ConnectionReset,
        110 => SocketError.TimedOut,
        111 => SocketError.ConnectionRefused,
        112 => SocketError.HostDown,
        113 => SocketError.HostUnreachable,
        _ => SocketError.SocketError,
    };
}
