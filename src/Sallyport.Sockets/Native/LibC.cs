using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Sallyport.Sockets.Native;

/// <summary>
/// The system calls of the data path: epoll(7), recv(2), send(2), connect(2). Sockets go in as handles, so that a number that was
/// closed meanwhile and belongs to another connection can never be read or written.
/// </summary>
internal static unsafe partial class LibC
{
    public const int Interrupted = 4;
    public const int TryAgain = 11;
    public const int InProgress = 115;

    public const int ControlAdd = 1;

    private const int DoNotWait = 0x40;
    private const int NoSignal = 0x4000;
    private const int CloseOnExec = 0x80000;
    private const int SetFlags = 4;
    private const int NonBlocking = 0x800;

    /// <exception cref="IOException">The process has no descriptor left.</exception>
    public static SafeFileHandle CreateEpoll()
    {
        var descriptor = EpollCreate(CloseOnExec);
        return descriptor >= 0
            ? new SafeFileHandle(descriptor, ownsHandle: true)
            : throw new IOException($"epoll_create1 failed: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    /// <summary>What can be had at once, at most <paramref name="size"/> bytes; 0 at the end; else the negative errno.</summary>
    public static int Receive(SafeHandle socket, byte* target, int size)
    {
        while (true)
        {
            var received = (int)Receive(socket, target, (nuint)size, DoNotWait);
            if (received >= 0)
                return received;
            var error = Marshal.GetLastSystemError();
            if (error != Interrupted)
                return -error;
        }
    }

    /// <summary>Takes what it has room for at once; else the negative errno.</summary>
    public static int Send(SafeHandle socket, byte* source, int size)
    {
        while (true)
        {
            var sent = (int)Send(socket, source, (nuint)size, DoNotWait | NoSignal);
            if (sent >= 0)
                return sent;
            var error = Marshal.GetLastSystemError();
            if (error != Interrupted)
                return -error;
        }
    }

    /// <summary>
    /// For a connect, which takes no flag. .NET's own setting would give the socket a place in its engine, and memory for it.
    /// </summary>
    public static void DoNotBlock(SafeHandle socket)
    {
        if (FileControl(socket, SetFlags, NonBlocking) != 0)
            throw SocketErrors.Of(Marshal.GetLastPInvokeError());
    }

    /// <summary>0, or the errno.</summary>
    public static int Connect(SafeHandle socket, ReadOnlySpan<byte> address)
    {
        fixed (byte* first = address)
        {
            return Connect(socket, first, (uint)address.Length) == 0 ? 0 : Marshal.GetLastPInvokeError();
        }
    }

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    public static partial int EpollControl(SafeHandle epoll, int operation, SafeHandle descriptor, byte* registration);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    public static partial int EpollWait(SafeHandle epoll, byte* events, int most, int milliseconds);

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    private static partial int EpollCreate(int flags);

    // These two never wait, so the collector can wait for them: that saves the change of modes, and nothing runs between the call and errno.
    [LibraryImport("libc", EntryPoint = "recv")]
    [SuppressGCTransition]
    private static partial nint Receive(SafeHandle socket, byte* target, nuint size, int flags);

    [LibraryImport("libc", EntryPoint = "send")]
    [SuppressGCTransition]
    private static partial nint Send(SafeHandle socket, byte* source, nuint size, int flags);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int FileControl(SafeHandle descriptor, int command, int value);

    [LibraryImport("libc", EntryPoint = "connect", SetLastError = true)]
    private static partial int Connect(SafeHandle socket, byte* address, uint length);
}
