using System.Globalization;
using System.Text;
using Sallyport.Testing.Wire;

namespace Sallyport.EndToEnd.Tests.Sameness;

/// <summary>What is sent at once, then read up to its end.</summary>
/// <param name="Says">For reports.</param>
/// <param name="Bytes">Whole messages.</param>
/// <param name="Next">What follows once the server asked for COPY data; null where it is not waited for.</param>
/// <param name="Cancels">A CancelRequest follows.</param>
internal sealed record Turn(string Says, byte[] Bytes, byte[]? Next = null, bool Cancels = false);

/// <summary>
/// Makes up what a client may legally send, from a seed: simple and extended queries in every order, right and wrong names, values and
/// texts, transactions, cursors, COPY both ways, cancels. Always the same for the same seed.
/// </summary>
internal sealed class Conversation
{
    private static readonly string[] Simple =
    [
        "select 1", "select id, name from items order by id", "select id, name from items where id < 3 order by id; select 2",
        "-- nothing", ";",
        "select 1/0", "select nothing_like_it", "selec 1", "insert into items values (7, 'seven') on conflict do nothing",
        "values (1, 'a'), (2, null)",
        "insert into items values (1, 'twice')", "update items set name = name || '!' where id = 2",
        "delete from items where id = 4 returning *",
        "begin", "begin", "commit", "rollback", "end", "savepoint a", "rollback to a", "release a", "begin; select 1; commit",
        "begin; select 1/0; commit",
        "select 1; select 1/0; select 2", "insert into more values (1); select 1/0", "set timezone = 'Europe/Rome'",
        "set datestyle = 'SQL, DMY'",
        "show datestyle", "reset datestyle", "set local intervalstyle = 'iso_8601'",
        "select now() > '2020-01-01', interval '1 day 2 hours', date '2024-02-03'",
        "declare c0 cursor for select id, name from items order by id",
        "declare c1 cursor with hold for select g from generate_series(1, 5) g",
        "fetch 2 from c0", "fetch all from c0", "move 1 from c0", "fetch backward 1 from c0", "fetch 3 from c1", "close c0", "close c1",
        "close all",
        "prepare q0 as select $1::int + 1 as n", "prepare q1(int) as insert into more values ($1) returning *", "execute q0(3)",
        "execute q1(5)", "execute q0('x')",
        "deallocate q0", "deallocate all", "discard plans", "discard all", "select * from generate_series(1, 60)",
        "select repeat('x', 70000)",
        "select repeat('y', 9000) from generate_series(1, 40)", "table items", "truncate more",
        "create temp table if not exists t0 (a int)", "drop table if exists t0",
        "copy (select g, 'row ' || g from generate_series(1, 30) g) to stdout", "copy items to stdout (format binary)",
        "copy nothing_like_it to stdout",
        "explain (costs off) select * from items", "lock table more", "select count(*) from items, more",
        "select E'\\u00e4\\n', 'Straße', U&'\\00e4'",
        "vacuum more", "select pg_notify('channel', 'payload')", "begin isolation level serializable read only",
        "insert into items values (9, 'nine')",
    ];

    // What is refused under masks.
    private static readonly string[] Opaque =
    [
        "do $$ begin raise notice 'told %', 1; end $$",
        "do $$ begin raise exception 'failed' using errcode = 'P0042', hint = 'none'; end $$",
    ];

    private static readonly (string Text, int Parameters)[] Prepared =
    [
        ("select $1::int + 1 as n", 1), ("select id, name from items where id < $1 order by id", 1),
        ("select name from items where id = $1 and name <> $2", 2),
        ("insert into items values ($1, $2) on conflict (id) do update set name = excluded.name returning id, name", 2),
        ("delete from items where id = $1", 1),
        ("update items set name = $2 where id = $1", 2), ("select g, g * 2 from generate_series(1, $1::int) g", 1), ("begin", 0),
        ("commit", 0), ("rollback", 0), ("", 0),
        ("select 10 / $1::int", 1), ("selec", 0), ("select 1; select 2", 0), ("select nothing_like_it", 0), ("show timezone", 0),
        ("select repeat('z', $1::int * 9000)", 1),
        ("declare c0 cursor for select id from items order by id", 0), ("copy items to stdout", 0),
        ("values (1, 'a'), (2, 'b'), (3, null)", 0),
        ("select null::int, 1.50::numeric, true, '\\x00ff'::bytea, array[1,2]", 0), ("deallocate all", 0),
        ("create temp table if not exists t1 (a int)", 0),
    ];

    private static readonly string?[] Values = ["1", "2", "3", "5", "0", "-1", "x", null, "2147483648", ""];
    private static readonly string?[] Good = ["1", "2", "3"];

    private readonly Random _random;
    private readonly string[] _texts;

    // A simple query that failed leaves its portal behind, which has no name, and a Bind that failed half of one. No client asks for
    // them, and the gateway does not know them.
    private bool _isBound;
    private int _portals;

    /// <param name="seed">Decides everything.</param>
    /// <param name="isVeiled">Leaves out what the gateway refuses under masks.</param>
    public Conversation(int seed, bool isVeiled)
    {
        _random = new Random(seed);
        _texts = isVeiled ? Simple : [.. Simple, .. Opaque];
    }

    public IEnumerable<Turn> Turns()
    {
        for (var left = _random.Next(3, 14); left > 0; left--)
        {
            yield return _random.Next(40) switch
            {
                < 16 => Queries(),
                < 34 => Pipeline(),
                < 37 => CopyByQuery(),
                < 39 => CopyByExecute(),
                _ => new Turn("Cancel", Messages.Query("select pg_sleep(9)"), Cancels: true),
            };
        }
    }

    /// <summary>Where the bytes of a turn are cut into two writes; null for one.</summary>
    public int? Cut(int length) => _random.Next(3) == 0 && length > 1 ? _random.Next(1, length) : null;

    private Turn Queries()
    {
        var texts = Enumerable.Range(0, _random.Next(1, 4)).Select(_ => Any<string>(_texts)).ToArray();
        return new Turn(string.Join(" | ", texts), Messages.Join([.. texts.Select(Messages.Query)]));
    }

    private Turn Pipeline()
    {
        var says = new StringBuilder();
        List<byte[]> messages = [];
        _isBound = false;
        for (var left = _random.Next(1, 12); left > 0; left--)
            Add(says, messages);
        return new Turn(says.ToString(), Messages.Join([.. messages]));
    }

    private void Add(StringBuilder says, List<byte[]> messages)
    {
        var (statement, portal) = (Any(["", "", "s0", "s1", "s2"]), Any(["", "", $"p{_portals}", $"p{_portals - 1}"]));
        switch (_random.Next(20))
        {
            case < 6:
                var (text, parameters) = Any(Prepared);
                Say(says, messages, $"Parse {statement} {text}", Messages.Parse(statement, text));
                if (portal.Length > 0)
                    portal = $"p{++_portals}";
                if (_random.Next(5) > 0)
                    Bind(says, messages, portal, statement, parameters);
                if (_random.Next(5) > 0)
                    Execute(says, messages, portal);
                break;
            case < 9:
                Bind(says, messages, "", Any([statement, "q0"]), _random.Next(3));
                break;
            case < 12:
                Execute(says, messages, portal);
                break;
            case 12:
                Say(says, messages, $"Describe S {statement}", Messages.Describe('S', statement));
                break;
            case 13:
                portal = Known(portal);
                Say(says, messages, $"Describe P {portal}", Messages.Describe('P', portal));
                break;
            case 14:
                Say(says, messages, $"Close S {statement}", Messages.Close('S', statement));
                break;
            case 15:
                Say(says, messages, $"Close P {portal}", Messages.Close('P', portal));
                break;
            case 16:
                Say(says, messages, "Flush", Messages.Message('H'));
                break;
            case 17:
                var query = Any<string>(_texts);
                _isBound = false;
                Say(says, messages, $"Query {query}", Messages.Query(query));
                break;
            default:
                _isBound = false;
                Say(says, messages, "Sync", Messages.Sync());
                break;
        }
    }

    private void Bind(StringBuilder says, List<byte[]> messages, string portal, string statement, int parameters)
    {
        var values = Enumerable.Range(0, parameters).Select(_ => Any<string?>(portal.Length > 0 ? Good : Values)).ToArray();
        short[] formats = portal.Length > 0 ? [] : _random.Next(6) switch { 0 => [1], 1 => [0, 1], _ => [] };
        var bytes = Messages.Message('B',
            Messages.CString(portal), Messages.CString(statement), Messages.Int16(0), Messages.Int16((short)parameters),
            Messages.Join([.. values.Select(Value)]), Messages.Int16((short)formats.Length),
            Messages.Join([.. formats.Select(Messages.Int16)]));
        _isBound |= portal.Length == 0;
        Say(says, messages, $"Bind {portal} {statement} [{string.Join(',', values)}] f{formats.Length}", bytes);
        if (_random.Next(3) == 0)
            Say(says, messages, $"Describe P {portal}", Messages.Describe('P', portal));
    }

    private void Execute(StringBuilder says, List<byte[]> messages, string portal)
    {
        var rows = Any([0, 0, 0, 1, 2]);
        portal = Known(portal);
        Say(says, messages, string.Create(CultureInfo.InvariantCulture, $"Execute {portal} {rows}"), Messages.Execute(portal, rows));
    }

    private Turn CopyByQuery()
    {
        var (says, data) = CopyData();
        const string Copy = "copy more (id, name) from stdin";
        var query = Messages.Query(Any([Copy, Copy + "; select 5", "copy nothing_like_it from stdin"]));
        var text = $"{Encoding.UTF8.GetString(query, 5, query.Length - 6)} <{says}";
        return _random.Next(2) == 0 ? new Turn(text, Messages.Join(query, data)) : new Turn(text + " after G", query, data);
    }

    private Turn CopyByExecute()
    {
        var (says, data) = CopyData();
        var begin = Messages.Join(Messages.Parse("", "copy more (id, name) from stdin"), Messages.Bind("", ""), Messages.Execute(""));
        return _random.Next(2) == 0
            ? new Turn($"Execute copy <{says}", Messages.Join(begin, data, Messages.Sync()))
            : new Turn($"Execute copy, Sync <{says} after G", Messages.Join(begin, Messages.Sync()), Messages.Join(data, Messages.Sync()));
    }

    private (string Says, byte[] Bytes) CopyData()
    {
        var rows = Any(["1\tone\n", "2\ttwo\n3\tthree\n", "x\tbad\n", "4\n", ""]);
        var middle = _random.Next(rows.Length + 1);
        var (first, rest) = (Encoding.UTF8.GetBytes(rows[..middle]), Encoding.UTF8.GetBytes(rows[middle..]));
        var end = _random.Next(4) == 0 ? Messages.Message('f', Messages.CString("given up")) : Messages.Message('c');
        var bytes = Messages.Join(Messages.Message('d', first), Messages.Message('d', rest), end);
        return ($"{rows.ReplaceLineEndings("\\n")} {(char)end[0]}", bytes);
    }

    private string Known(string portal) => portal.Length == 0 && !_isBound ? $"p{_portals}" : portal;

    private static void Say(StringBuilder says, List<byte[]> messages, string what, byte[] bytes)
    {
        says.Append(says.Length == 0 ? "" : " | ").Append(what);
        messages.Add(bytes);
    }

    private static byte[] Value(string? value) =>
        value is null ? Messages.Int32(-1) : Messages.Join(Messages.Int32(value.Length), Encoding.UTF8.GetBytes(value));

    private T Any<T>(ReadOnlySpan<T> of) => of[_random.Next(of.Length)];
}
