using System.Buffers.Binary;
using Sallyport.Core;
using Sallyport.Postgres.Sql;
using Sallyport.Postgres.Wire;

namespace Sallyport.Postgres.Session;

/// <summary>The fast tier: commands that are allowed, recorded in the ring and forwarded where they lie.</summary>
internal sealed partial class ClientPump
{
    // Reading a text of this size for the first time takes a few hundred microseconds: the most that the I/O thread is lent.
    private const int MaxInlineText = 16 * 1024;

    private readonly NameTable<PreparedStatement> _statements = new();
    private readonly NameTable<Portal> _portals = new();
    private readonly Portal _unnamedPortal = new([]);
    private PreparedStatement? _unnamed;
    private long _segment;

    private Step Query(ReadOnlySpan<byte> whole, ReadOnlySpan<byte> body)
    {
        if (!QueryView.TryRead(body, out var view))
            return Break("invalid Query message");
        if (view.Text.Length > MaxInlineText)
            return Step.Slow;
        var facts = _state.Services.Sql.Read(view.Text);
        if (SqlNames.RunsByName(facts) || !TryAllow(facts, CommandFlags.None, null, out var judgement))
            return Step.Slow;
        Forward(whole);
        PushQuery(facts, judgement.Touches);
        return Step.Done;
    }

    private Step Parse(ReadOnlySpan<byte> whole, ReadOnlySpan<byte> body)
    {
        if (!ParseView.TryRead(body, out var view))
            return Break("invalid Parse message");
        if (view.Text.Length > MaxInlineText || (!view.Name.IsEmpty && IsTaken(view.Name)))
            return Step.Slow;
        var facts = _state.Services.Sql.Read(view.Text);
        EndOwnChanges();
        if (!_judge.AllowsAtOnce(facts, isResolved: true, out _) && !MayPrepare(facts))
            return Step.Slow;
        Forward(whole);
        Prepared(view.Name, view.TypeOids, facts);
        return Step.Done;
    }

    /// <summary>What is only prepared may be held, recorded durably or charged when it is run.</summary>
    private bool MayPrepare(SqlFacts facts)
    {
        var isReady = _judge.IsReady(facts);
        return (isReady || _judge.MayGuess(facts)) && _judge.Decide(facts, isReady).Decision.Kind != DecisionKind.Deny;
    }

    private void Prepared(ReadOnlySpan<byte> name, ReadOnlySpan<byte> typeOids, SqlFacts facts)
    {
        PreparedStatement statement;
        // A driver that sends the same text each time makes no new statement here either.
        if (name.IsEmpty && _unnamed is { State: StatementState.Live, IsClosing: false } same && ReferenceEquals(same.Facts, facts) && HasTypes(same, typeOids))
            statement = same;
        else
            statement = new PreparedStatement(name.ToArray(), facts, TypesOf(typeOids));
        statement.State = StatementState.Pending;
        statement.ParsedIn = _segment;
        if (name.IsEmpty)
            _unnamed = statement;
        else
            _statements.Set(name, statement);
        _state.Pending.Push(new Pending { Kind = PendingKind.Parse, Statement = statement });
    }

    private Step Bind(ReadOnlySpan<byte> whole, ReadOnlySpan<byte> body)
    {
        if (!BindView.TryRead(body, out var view))
            return Break("invalid Bind message");
        if (!TryStatement(view.Statement, out var statement) || IsUnsure(statement) || (!view.Statement.IsEmpty && _names.HasPrepared))
            return Step.Slow;
        Forward(whole);
        Bound(view, statement, body);
        return Step.Done;
    }

    private void Bound(BindView view, PreparedStatement statement, ReadOnlySpan<byte> body)
    {
        var portal = _unnamedPortal;
        if (!view.Portal.IsEmpty && !_portals.TryGet(view.Portal, out portal!))
        {
            portal = new Portal(view.Portal.ToArray());
            _portals.Set(view.Portal, portal);
        }
        portal.Bind(statement, statement.ShapeFor(view.ResultFormats), body[(view.Portal.Length + view.Statement.Length + 2)..], _segment);
        portal.NamesVersion = _names.Version;
        portal.NamesEpoch = _judge.Names.Epoch;
        _state.Pending.Push(new Pending { Kind = PendingKind.Bind, Portal = portal, Binding = portal.Binding });
    }

    private Step Execute(ReadOnlySpan<byte> whole, ReadOnlySpan<byte> body)
    {
        if (!ExecuteView.TryRead(body, out var view))
            return Break("invalid Execute message");
        if (!TryPortal(view.Portal, out var portal) || portal.Statement is not { } statement || IsUnsure(portal))
            return Step.Slow;
        if (SqlNames.RunsByName(statement.Facts) || !TryAllow(statement.Facts, CommandFlags.Prepared, portal, out var judgement))
            return Step.Slow;
        Run(whole, portal, statement.Facts, judgement);
        return Step.Done;
    }

    /// <summary>Sends an Execute that was decided and recorded.</summary>
    private void Run(ReadOnlySpan<byte> whole, Portal portal, SqlFacts facts, Judgement judgement)
    {
        DescribeForMasks(portal);
        Forward(whole);
        var meter = Counted(facts);
        var change = Sent(facts, byExecute: true);
        _state.Pending.Push(new Pending
        {
            Kind = PendingKind.Execute,
            Guard = _judge.Guard,
            Statement = portal.Statement,
            Shape = portal.Shape,
            Facts = facts,
            Touches = judgement.Touches,
            Change = change,
            Meter = meter,
        });
    }

    // What was described before names moved may be described wrongly now.
    private long DescribeMark => _segment + _judge.Names.Epoch;

    /// <summary>Rows that nobody described cannot be masked: ask for the description in front of the Execute, and keep it from the client.</summary>
    private void DescribeForMasks(Portal portal)
    {
        var shape = portal.Shape!;
        if (_judge.Guard is not { } guard || ReferenceEquals(shape.Rows?.Guard, guard) ||
            (shape.DescribedIn == DescribeMark && !SqlNames.RunsByName(portal.Statement!.Facts)))
            return;
        MessageWriter.WriteTarget(_state.Upstream.Output, ClientMessage.Describe, 'P', portal.Name);
        _state.Pending.Push(new Pending { Kind = PendingKind.DescribePortal, IsInjected = true, Guard = guard, Shape = shape, Statement = portal.Statement });
        shape.DescribedIn = DescribeMark;
    }

    private Step Describe(ReadOnlySpan<byte> whole, ReadOnlySpan<byte> body)
    {
        if (!TargetView.TryRead(body, out var view))
            return Break("invalid Describe message");
        if (view.IsPortal && TryPortal(view.Name, out var described) && IsUnsure(described))
            return Step.Slow;
        var pending = new Pending { Kind = view.IsPortal ? PendingKind.DescribePortal : PendingKind.DescribeStatement, Guard = _judge.Guard };
        if (view.IsPortal && TryPortal(view.Name, out var portal) && portal.Shape is { } shape)
        {
            pending.Shape = shape;
            pending.Statement = portal.Statement;
            shape.DescribedIn = DescribeMark;
        }
        else if (!view.IsPortal && TryStatement(view.Name, out var statement))
        {
            pending.Statement = statement;
        }
        Forward(whole);
        _state.Pending.Push(pending);
        return Step.Done;
    }

    private Step Close(ReadOnlySpan<byte> whole, ReadOnlySpan<byte> body)
    {
        if (!TargetView.TryRead(body, out var view))
            return Break("invalid Close message");
        var pending = new Pending { Kind = PendingKind.Close };
        if (view.IsPortal)
        {
            _portals.Remove(view.Name);
        }
        else if (TryStatement(view.Name, out var statement))
        {
            statement.IsClosing = true;
            pending.Statement = statement;
        }
        Forward(whole);
        _state.Pending.Push(pending);
        return Step.Done;
    }

    /// <summary>Decides and, when it is a plain allow that needs no waiting, records. False leaves it to the slow tier.</summary>
    private bool TryAllow(SqlFacts facts, CommandFlags flags, Portal? portal, out Judgement judgement)
    {
        judgement = default;
        EndOwnChanges();
        return _state.Services.Identity.IsLive(_state.Session.Principal) &&
               _judge.AllowsAtOnce(facts, portal is null || IsResolved(portal), out judgement) &&
               _journal.TryAppend(judgement.Decision, flags, facts.Text, BoundParameters.Recorded(portal), out _) == RecordOutcome.Taken;
    }

    /// <summary>Whether names still mean what they did when the server resolved those of the portal.</summary>
    private bool IsResolved(Portal portal) => portal.NamesEpoch == _judge.Names.Epoch || !portal.Statement!.Facts.HasOpenNames;

    /// <summary>A statement that the server has, or will have when what was sent before succeeds.</summary>
    private bool TryStatement(ReadOnlySpan<byte> name, out PreparedStatement statement)
    {
        statement = _unnamed!;
        var isThere = name.IsEmpty ? _unnamed is not null : _statements.TryGet(name, out statement!);
        return isThere && statement.State is StatementState.Pending or StatementState.Live;
    }

    private bool IsTaken(ReadOnlySpan<byte> name) => TryStatement(name, out _);

    /// <summary>The name may mean another statement than this one, until the server has answered.</summary>
    private bool IsUnsure(PreparedStatement statement) =>
        statement.IsClosing || (statement.State == StatementState.Pending && statement.ParsedIn != _segment);

    /// <summary>The name may mean what was bound to it before, until the server has answered.</summary>
    private bool IsUnsure(Portal portal) => portal.BoundIn != _segment && !portal.IsAnswered;

    /// <summary>A portal that Bind made. One that a cursor of SQL may have taken the name of is none.</summary>
    private bool TryPortal(ReadOnlySpan<byte> name, out Portal portal)
    {
        portal = _unnamedPortal;
        return name.IsEmpty || (!_names.MayBeCursor(name) && _portals.TryGet(name, out portal!));
    }

    private static bool HasTypes(PreparedStatement statement, ReadOnlySpan<byte> typeOids)
    {
        if (statement.DeclaredTypes.Length * 4 != typeOids.Length)
            return false;
        for (var i = 0; i < statement.DeclaredTypes.Length; i++)
        {
            if (statement.DeclaredTypes[i] != BinaryPrimitives.ReadUInt32BigEndian(typeOids[(i * 4)..]))
                return false;
        }
        return true;
    }

    private static uint[] TypesOf(ReadOnlySpan<byte> typeOids)
    {
        var types = new uint[typeOids.Length / 4];
        for (var i = 0; i < types.Length; i++)
            types[i] = BinaryPrimitives.ReadUInt32BigEndian(typeOids[(i * 4)..]);
        return types;
    }
}
