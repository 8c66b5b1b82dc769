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
/// upstream's). No lock; a limited room, so a full queue is back-pressure. An idle session holds the few entries it began with.
/// </summary>
internal sealed class PendingQueue
{
    // Most sessions have a handful under way; a long pipeline waits for the server at half of it.
    private const int Capacity = 128;
    private const int Few = 4;

    private readonly Pending[] _few = new Pending[Few];
    private Pending[]? _many;

    // The first entry that is in the larger room: the pushing thread moves there for good when the smaller one is full.
    private long _manyFrom = long.MaxValue;
    private long _head;
    private long _tail;
    private PendingKind _last = PendingKind.Sync;

    public bool IsEmpty => Volatile.Read(ref _head) == Volatile.Read(ref _tail);

    /// <summary>Half full: time to let the server answer before more is sent.</summary>
    public bool IsCrowded => Volatile.Read(ref _tail) - Volatile.Read(ref _head) > Capacity / 2;

    /// <summary>Whether nothing was sent since the last message that the server answers with ReadyForQuery. Asked by the pushing thread.</summary>
    public bool IsBetweenSegments => _last is PendingKind.Query or PendingKind.Sync or PendingKind.FunctionCall;

    /// <summary>Adds an entry; the caller drains a crowded queue first, so there is always room.</summary>
    public void Push(in Pending entry)
    {
        var tail = _tail;
        if (tail - Volatile.Read(ref _head) >= Capacity)
            throw new InvalidOperationException("The queue of pending replies is full.");
        if (_many is null && tail - Volatile.Read(ref _head) >= Few)
        {
            _many = new Pending[Capacity];
            Volatile.Write(ref _manyFrom, tail);
        }
        _last = entry.Kind;
        At(tail) = entry;
        Volatile.Write(ref _tail, tail + 1);
    }

    /// <summary>The oldest entry; a null reference when there is none.</summary>
    public ref Pending Peek()
    {
        var head = _head;
        if (head == Volatile.Read(ref _tail))
            return ref System.Runtime.CompilerServices.Unsafe.NullRef<Pending>();
        return ref At(head);
    }

    public void Pop()
    {
        var head = _head;
        At(head) = default;
        Volatile.Write(ref _head, head + 1);
    }

    private ref Pending At(long index) =>
        ref index < Volatile.Read(ref _manyFrom) ? ref _few[index & (Few - 1)] : ref _many![index & (Capacity - 1)];
}
