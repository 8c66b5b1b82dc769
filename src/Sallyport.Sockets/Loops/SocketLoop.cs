using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Sallyport.Sockets.Native;
using Sallyport.Sockets.Pipes;

namespace Sallyport.Sockets.Loops;

/// <summary>
/// One thread that waits for its sockets by epoll(7), edge-triggered, and runs on itself whatever waited for them: a message is read,
/// judged and sent on without a change of threads. So nothing that it runs may block. Sockets are added by any thread.
/// </summary>
public sealed unsafe class SocketLoop
{
    private const int MostAtOnce = 256;
    private const Readiness Interest =
        Readiness.Readable | Readiness.Writable | Readiness.PeerEnded | Readiness.EdgeTriggered;

    private readonly SafeFileHandle _epoll = LibC.CreateEpoll();
    private readonly Lock _slotsGate = new();
    private readonly Stack<int> _freeSlots = new();
    private readonly Queue<SocketReader> _again = new();
    private readonly Thread _thread;
    private SocketPipe?[] _slots = new SocketPipe?[64];
    private int _usedSlots;

    internal SocketLoop(string name)
    {
        _thread = new Thread(Run) { IsBackground = true, Name = name };
        _thread.Start();
    }

    /// <summary>Whether the caller runs on this loop's thread.</summary>
    internal bool IsCurrent => ReferenceEquals(Thread.CurrentThread, _thread);

    /// <summary>Events of the socket reach the pipe from now on; also those that are due already.</summary>
    /// <exception cref="IOException">The kernel has no room for it.</exception>
    internal int Add(SocketPipe pipe)
    {
        int slot;
        lock (_slotsGate)
        {
            slot = _freeSlots.TryPop(out var free) ? free : _usedSlots++;
            if (slot == _slots.Length)
            {
                var larger = new SocketPipe?[_slots.Length * 2];
                _slots.CopyTo(larger, 0);
                Volatile.Write(ref _slots, larger);
            }
            Volatile.Write(ref _slots[slot], pipe);
        }
        Span<byte> registration = stackalloc byte[EpollEvents.Size];
        EpollEvents.Write(registration, Interest, slot);
        fixed (byte* first = registration)
        {
            if (LibC.EpollControl(_epoll, LibC.ControlAdd, pipe.Handle, first) == 0)
                return slot;
        }
        var error = Marshal.GetLastPInvokeErrorMessage();
        Remove(slot);
        throw new IOException($"epoll_ctl failed: {error}");
    }

    /// <summary>
    /// The socket was closed, which took it from the epoll. An event that was seen before may still reach the slot's next pipe: that
    /// looks once more at its socket, finds nothing, and waits on.
    /// </summary>
    internal void Remove(int slot)
    {
        lock (_slotsGate)
        {
            Volatile.Write(ref _slots[slot], null);
            _freeSlots.Push(slot);
        }
    }

    /// <summary>Goes on with a reader when others have had their turn. On this loop's thread only.</summary>
    internal void Again(SocketReader reader) => _again.Enqueue(reader);

    private void Run()
    {
        // What runs here brings its own context along, or needs none: nothing is to be captured and restored at every message.
        ExecutionContext.SuppressFlow();
        var size = EpollEvents.Size;
        var events = (byte*)NativeMemory.Alloc((nuint)(MostAtOnce * size));
        while (true)
        {
            var count = LibC.EpollWait(_epoll, events, MostAtOnce, _again.Count > 0 ? 0 : -1);
            for (var i = 0; i < count; i++)
            {
                var (seen, slot) = EpollEvents.Read(new ReadOnlySpan<byte>(events, count * size), i);
                Volatile.Read(ref Volatile.Read(ref _slots)[slot])?.Notice(seen);
            }
            for (var waiting = _again.Count; waiting > 0; waiting--)
                _again.Dequeue().TakeTurn();
        }
    }
}
