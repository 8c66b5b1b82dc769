using Sallyport.Core;
using Sallyport.Postgres.Catalogue;
using Sallyport.Postgres.Sql;
using Sallyport.Postgres.Wire;

namespace Sallyport.Postgres.Session;

/// <summary>What was sent upstream and still has replies to come.</summary>
internal enum PendingKind : byte
{
    Query,
    Parse,
    Bind,
    DescribeStatement,
    DescribePortal,
    Execute,
    Close,
    Sync,
    FunctionCall,

    /// <summary>CopyDone or CopyFail of a COPY run by Execute: Syncs sent before it are ignored by the server.</summary>
    CopyEnd,
}

/// <summary>One entry of the queue: which reply to expect, and what to do with it.</summary>
internal struct Pending
{
    public PendingKind Kind;

    /// <summary>Sent by the gateway itself: its successful reply is swallowed, its error stands for the client's next message.</summary>
    public bool IsInjected;

    /// <summary>A Describe whose client sent a Query: it expects a RowDescription, but no NoData.</summary>
    public bool IsOfQuery;

    /// <summary>For a message that was replaced by one the server must refuse: what the client is told instead of the server's error.</summary>
    public Diagnostic? Poison;

    public PreparedStatement? Statement;

    /// <summary>For Bind: the portal, and which of its Binds this is.</summary>
    public Portal? Portal;

    public int Binding;

    /// <summary>For Describe of a portal and Execute: whose rows come.</summary>
    public ResultShape? Shape;

    /// <summary>For Query and Execute: it may change what names mean, and nobody else sees that before the transaction ends.</summary>
    public CatalogueChange Change;

    /// <summary>For Query and Execute: its facts and those of what it runs by name.</summary>
    public SqlFacts? Facts;

    /// <summary>The masks under which it was judged; null when there were none, and then its rows pass unread.</summary>
    public MaskGuard? Guard;

    /// <summary>For what asks the session about its names: where the answer goes.</summary>
    public NamesReading? Names;

    /// <summary>The budgets that count its rows; null when none does.</summary>
    public BudgetMeter? Meter;

    /// <summary>For Query and Execute: outputs of unknown origin are masked.</summary>
    public bool Touches;
}

/// <summary>
/// The messages that went upstream, in order, until their replies came. One thread pushes (the client's pump), one pops (the
/// upstream's). No lock; a limited room, so a full queue is back-pressure. It holds as much room as was ever needed at once, by steps.
/// </summary>
internal sealed class PendingQueue
{
    // Most sessions have a handful under way; a long pipeline waits for the server at half of it.
    private const int Capacity = 128;
    private const int First = 2;
    private const int Growth = 4;

    private Room _pushing = new(First, from: 0);
    private Room _popping;
    private long _head;
    private long _tail;
    private PendingKind _last = PendingKind.Sync;

    public PendingQueue() => _popping = _pushing;

    public bool IsEmpty => Volatile.Read(ref _head) == Volatile.Read(ref _tail);

    /// <summary>Half full: time to let the server answer before more is sent.</summary>
    public bool IsCrowded => Volatile.Read(ref _tail) - Volatile.Read(ref _head) > Capacity / 2;

    /// <summary>Whether nothing was sent since the last message that the server answers with ReadyForQuery. Asked by the pushing thread.</summary>
    public bool IsBetweenSegments => _last is PendingKind.Query or PendingKind.Sync or PendingKind.FunctionCall;

    /// <summary>Adds an entry; the caller drains a crowded queue first, so there is always room.</summary>
    public void Push(in Pending entry)
    {
        var tail = _tail;
        var head = Volatile.Read(ref _head);
        if (tail - head >= Capacity)
            throw new InvalidOperationException("The queue of pending replies is full.");
        if (tail - Math.Max(head, _pushing.From) >= _pushing.Entries.Length)
            _pushing = _pushing.Continue(tail, _pushing.Entries.Length * Growth);
        _last = entry.Kind;
        _pushing.At(tail) = entry;
        Volatile.Write(ref _tail, tail + 1);
    }

    /// <summary>The oldest entry; a null reference when there is none.</summary>
    public ref Pending Peek()
    {
        var head = _head;
        if (head == Volatile.Read(ref _tail))
            return ref System.Runtime.CompilerServices.Unsafe.NullRef<Pending>();
        _popping = _popping.Of(head);
        return ref _popping.At(head);
    }

    public void Pop()
    {
        var head = _head;
        _popping = _popping.Of(head);
        _popping.At(head) = default;
        Volatile.Write(ref _head, head + 1);
    }

    /// <summary>A ring of entries, until the pushing thread found it full and went on in the next.</summary>
    private sealed class Room(int size, long from)
    {
        private long _until = long.MaxValue;
        private Room? _next;

        public Pending[] Entries { get; } = new Pending[size];

        /// <summary>The number of its first entry.</summary>
        public long From => from;

        public ref Pending At(long number) => ref Entries[number & (Entries.Length - 1)];

        /// <summary>Asked by the popping thread.</summary>
        public Room Of(long number) => number < Volatile.Read(ref _until) ? this : _next!.Of(number);

        public Room Continue(long number, int room)
        {
            _next = new Room(room, number);
            Volatile.Write(ref _until, number);
            return _next;
        }
    }
}
