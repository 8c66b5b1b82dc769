using System.Collections.Immutable;
using System.Text;
using Sallyport.Core;
using Sallyport.Postgres.Sql;

namespace Sallyport.Postgres.Session;

/// <summary>
/// What PREPARE and DECLARE CURSOR left behind in the session, so that EXECUTE and FETCH are judged by what they will run. A name
/// that was defined twice stands for both definitions until the server said that it is gone; a name nobody defined is opaque.
/// Belongs to the client's pump.
/// </summary>
internal sealed class SqlNames
{
    private const int MaxNames = 4096;

    private readonly Mailbox<string?> _deallocated;
    private readonly SessionNames _meanings;

    // Made with the first name: most sessions have none.
    private Dictionary<string, SqlFacts>? _prepared;
    private Dictionary<string, SqlFacts>? _cursors;
    private Dictionary<string, int>? _cursorEpochs;
    private bool _isFull;

    /// <param name="deallocated">Names of prepared statements that the server said are gone; null is all of them.</param>
    /// <param name="meanings">What names mean in the session: those of a cursor keep what they meant when it was declared.</param>
    public SqlNames(Mailbox<string?> deallocated, SessionNames meanings) => (_deallocated, _meanings) = (deallocated, meanings);

    /// <summary>Finds what Parse and Bind named, and whether its names mean now what they meant when the server resolved them.</summary>
    public delegate SqlFacts? ProtocolNames(string name, bool isCursor, out bool isResolved);

    /// <summary>Moves with each name that is defined.</summary>
    public int Version { get; private set; }

    public bool HasPrepared => _prepared is { Count: > 0 };

    /// <summary>Whether a cursor of SQL may have this name of a portal: they share the names.</summary>
    public bool MayBeCursor(ReadOnlySpan<byte> name) =>
        _cursors is { Count: > 0 } cursors && (_isFull || cursors.ContainsKey(Encoding.UTF8.GetString(NameTable<Portal>.Cut(name))));

    /// <summary>Whether what these facts say depends on names.</summary>
    public static bool RunsByName(SqlFacts facts)
    {
        foreach (var statement in facts.Statements)
        {
            if (statement.Kind is StatementKind.Execute or StatementKind.Fetch or StatementKind.Prepare || (statement.Body is { } body && RunsByName(body)))
                return true;
        }
        return false;
    }

    /// <summary>The facts together with those of everything that is run by name.</summary>
    /// <param name="facts">As read.</param>
    /// <param name="protocolNamed">SQL and the protocol share the names.</param>
    /// <param name="areResolved">False when a cursor that it reads was declared when names may have meant something else.</param>
    public SqlFacts Effective(SqlFacts facts, ProtocolNames protocolNamed, out bool areResolved)
    {
        ForgetDeallocated();
        var reading = new Reading(this, protocolNamed, facts);
        reading.Follow(facts, plansOnly: false);
        areResolved = reading.AreResolved;
        return reading.Effective;
    }

    /// <summary>The bodies that PREPARE would store: a body that is denied must not be prepared.</summary>
    public static IEnumerable<SqlFacts> PreparedBodies(SqlFacts facts) =>
        facts.Statements.Where(static s => s is { Kind: StatementKind.Prepare, Body: not null }).Select(static s => s.Body!);

    /// <summary>What PREPARE stored under a name, or null.</summary>
    public SqlFacts? FindPrepared(string name)
    {
        ForgetDeallocated();
        return Find(_prepared, name) ?? (_isFull ? Unknown("prepared statement", name) : null);
    }

    /// <summary>Notes the names that a command which went upstream defines.</summary>
    public void Follow(SqlFacts facts)
    {
        foreach (var statement in facts.Statements)
        {
            if (statement is { Kind: StatementKind.Prepare, Name: { } prepared, Body: { } body })
                Define(ref _prepared, prepared, new SqlFacts(body.Effects, body.Statements) { Text = facts.Text });
            else if (statement is { Kind: StatementKind.DeclareCursor, Name: { } cursor, Body: { } query })
            {
                Define(ref _cursors, cursor, query);
                _cursorEpochs ??= new Dictionary<string, int>(StringComparer.Ordinal);
                _cursorEpochs[cursor] = _cursorEpochs.TryGetValue(cursor, out var epoch) && epoch != _meanings.Epoch ? -1 : _meanings.Epoch;
            }
        }
    }

    private void ForgetDeallocated()
    {
        while (_deallocated.TryTake(out var name))
        {
            if (name is null)
                _prepared?.Clear();
            else
                _prepared?.Remove(name);
        }
    }

    private void Define(ref Dictionary<string, SqlFacts>? names, string name, SqlFacts body)
    {
        Version++;
        names ??= new Dictionary<string, SqlFacts>(StringComparer.Ordinal);
        if (names.Count < MaxNames || names.ContainsKey(name))
            Add(names, name, body);
        else
            _isFull = true;
    }

    private static void Add(Dictionary<string, SqlFacts> names, string name, SqlFacts body) =>
        names[name] = names.TryGetValue(name, out var before) && !before.Text.Span.SequenceEqual(body.Text.Span) ? Join(before, body) : body;

    private static SqlFacts? Find(Dictionary<string, SqlFacts>? names, string name) => names?.GetValueOrDefault(name);

    private static SqlFacts? All(params ReadOnlySpan<SqlFacts?> found)
    {
        SqlFacts? all = null;
        foreach (var one in found)
            all = one is null ? all : all is null ? one : Join(all, one);
        return all;
    }

    private static SqlFacts Join(SqlFacts left, SqlFacts right) =>
        new([.. left.Effects, .. right.Effects.Except(left.Effects)], [.. left.Statements, .. right.Statements.Except(left.Statements)]) { Text = left.Text };

    /// <summary>What a name that nobody is known to have defined stands for.</summary>
    public static SqlFacts Unknown(string what, string name) =>
        new([new Effect(EffectKind.Opaque, "execute") { Detail = $"{what} \"{name}\" is not known to the gateway" }], ImmutableArray<SqlStatement>.Empty);

    /// <summary>One query string from its first statement to its last: what it defines itself is known to what follows.</summary>
    private sealed class Reading(SqlNames session, ProtocolNames protocolNamed, SqlFacts facts)
    {
        private readonly Dictionary<string, SqlFacts> _prepared = new(StringComparer.Ordinal);
        private readonly Dictionary<string, SqlFacts> _cursors = new(StringComparer.Ordinal);

        public SqlFacts Effective { get; private set; } = facts;

        public bool AreResolved { get; private set; } = true;

        /// <param name="some">A query string, or what a statement of it carries.</param>
        /// <param name="plansOnly">Under a plain EXPLAIN: only what cannot be read counts, as for a query that stands there itself.</param>
        public void Follow(SqlFacts some, bool plansOnly)
        {
            foreach (var statement in some.Statements)
            {
                switch (statement)
                {
                    case { Kind: StatementKind.Prepare, Name: { } name, Body: { } body }:
                        Add(_prepared, name, body);
                        break;
                    case { Kind: StatementKind.DeclareCursor, Name: { } name, Body: { } body }:
                        Add(_cursors, name, body);
                        break;
                    case { Kind: StatementKind.Execute, Name: { } name }:
                        var prepared = All(Find(_prepared, name), Find(session._prepared, name), protocolNamed(name, false, out _));
                        Run(prepared ?? Unknown("prepared statement", name), plansOnly);
                        break;
                    case { Kind: StatementKind.Fetch, Name: { } name }:
                        var cursor = All(Find(_cursors, name), Find(session._cursors, name), protocolNamed(name, true, out var isResolved));
                        AreResolved &= isResolved && (session._cursorEpochs?.TryGetValue(name, out var epoch) != true || epoch == session._meanings.Epoch);
                        Run(cursor ?? Unknown("cursor", name), plansOnly);
                        break;
                    case { Body: { } body }:
                        Follow(body, plansOnly || statement.Verb == "explain");
                        break;
                }
            }
        }

        private void Run(SqlFacts body, bool plansOnly)
        {
            var counts = plansOnly ? new SqlFacts([.. body.Effects.Where(static e => e.Kind == EffectKind.Opaque)], []) : body;
            Effective = Join(Effective, counts);
        }
    }
}
