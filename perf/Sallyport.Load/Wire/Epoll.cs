using System.Buffers.Binary;
using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Sallyport.Load.Wire;

/// <summary>
/// Linux's epoll and the non-blocking calls beside it, for one thread that serves many sockets: .NET's own sockets cost more per message
/// than the proxies that are measured.
/// </summary>
internal sealed class Epoll : IDisposable
{
    private const int Add = 1;
    private const uint Readable = 1;
    private const int TryAgain = 11;
    private const int Interrupted = 4;
    private const int SetTimerSlack = 29;
    private const int MostEvents = 256;

    // struct epoll_event is packed on x86-64 only (epoll_ctl(2)).
    private static readonly int DataAt = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    private static readonly int EventSize = DataAt + 8;

    private readonly int _descriptor = Checked(epoll_create1(0));
    private readonly byte[] _events = new byte[MostEvents * EventSize];

    public Epoll()
    {
        // The kernel would add up to 50 us to each timed wait of this thread, and an open loop would be late by that.
        _ = prctl(SetTimerSlack, 1, 0, 0, 0);
    }

    /// <summary>Tells of readable bytes, level-triggered, under this number.</summary>
    public void Watch(int socket, int number)
    {
        Span<byte> request = stackalloc byte[EventSize];
        request.Clear();
        MemoryMarshal.Write(request, Readable);
        MemoryMarshal.Write(request[DataAt..], (long)number);
        Checked(epoll_ctl(_descriptor, Add, socket, ref MemoryMarshal.GetReference(request)));
    }

    /// <summary>Waits for events and says how many there are; null waits for ever, and a signal counts as none.</summary>
    public int Wait(TimeSpan? longest)
    {
        var nanoseconds = longest is { } time ? Math.Max(0, (long)time.TotalNanoseconds) : 0;
        Span<long> timeout = [nanoseconds / 1_000_000_000, nanoseconds % 1_000_000_000];
        var count = longest is null
            ? epoll_wait(_descriptor, ref _events[0], MostEvents, -1)
            : epoll_pwait2(_descriptor, ref _events[0], MostEvents, ref timeout[0], 0);
        return count < 0 && Marshal.GetLastPInvokeError() == Interrupted ? 0 : Checked(count);
    }

    /// <summary>The number of one of the sockets that the last wait told of.</summary>
    public int Number(int index) => (int)BinaryPrimitives.ReadInt64LittleEndian(_events.AsSpan(index * EventSize + DataAt));

    /// <summary>Sends all of it or throws: a request that does not fit into the socket's buffer is no request of this load.</summary>
    public static void Send(int socket, ReadOnlySpan<byte> bytes)
    {
        const int noSignal = 0x4000;
        if (Checked((int)send(socket, ref MemoryMarshal.GetReference(bytes), bytes.Length, noSignal)) != bytes.Length)
            throw new IOException("A request did not fit into the socket's buffer.");
    }

    /// <summary>Receives what is there; 0 when nothing is. Throws when the connection is closed.</summary>
    public static int Receive(int socket, Span<byte> buffer)
    {
        const int doNotWait = 0x40;
        var read = (int)recv(socket, ref MemoryMarshal.GetReference(buffer), buffer.Length, doNotWait);
        if (read == 0)
            throw new EndOfStreamException("The connection was closed under load.");
        return read < 0 && Marshal.GetLastPInvokeError() == TryAgain ? 0 : Checked(read);
    }

    public void Dispose() => _ = close(_descriptor);

    private static int Checked(int result) => result >= 0 ? result : throw new Win32Exception(Marshal.GetLastPInvokeError());

#pragma warning disable IDE1006, SYSLIB1054 // The C library's names; blittable arguments need no generated marshalling.
    [DllImport("libc", SetLastError = true)]
    private static extern int epoll_create1(int flags);

    [DllImport("libc", SetLastError = true)]
    private static extern int epoll_ctl(int epoll, int operation, int descriptor, ref byte request);

    [DllImport("libc", SetLastError = true)]
    private static extern int epoll_wait(int epoll, ref byte events, int most, int timeout);

    [DllImport("libc", SetLastError = true)]
    private static extern int epoll_pwait2(int epoll, ref byte events, int most, ref long timeout, nint signals);

    [DllImport("libc", SetLastError = true)]
    private static extern nint send(int socket, ref byte buffer, nint length, int flags);

    [DllImport("libc", SetLastError = true)]
    private static extern nint recv(int socket, ref byte buffer, nint length, int flags);

    [DllImport("libc")]
    private static extern int close(int descriptor);

    [DllImport("libc")]
    private static extern int prctl(int option, ulong second, ulong third, ulong fourth, ulong fifth);
#pragma warning restore IDE1006, SYSLIB1054
}
