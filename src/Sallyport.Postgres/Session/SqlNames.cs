using System.Collections.Concurrent;
using System.Collections.Immutable;
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

    private readonly ConcurrentQueue<string?> _deallocated;
    private readonly Dictionary<string, SqlFacts> _prepared = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SqlFacts> _cursors = new(StringComparer.Ordinal);

    /// <param name="deallocated">Names of prepared statements that the server said are gone; null is all of them.</param>
    public SqlNames(ConcurrentQueue<string?> deallocated) => _deallocated = deallocated;

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
    /// <param name="protocolNamed">Finds what Parse and Bind named; SQL and the protocol share the names.</param>
    public SqlFacts Effective(SqlFacts facts, Func<string, bool, SqlFacts?> protocolNamed)
    {
        ForgetDeallocated();
        var reading = new Reading(this, protocolNamed, facts);
        reading.Follow(facts, plansOnly: false);
        return reading.Effective;
    }

    /// <summary>The bodies that PREPARE would store: a body that is denied must not be prepared.</summary>
    public static IEnumerable<SqlFacts> PreparedBodies(SqlFacts facts) =>
        facts.Statements.Where(static s => s is { Kind: StatementKind.Prepare, Body: not null }).Select(static s => s.Body!);

    /// <summary>What PREPARE stored under a name, or null.</summary>
    public SqlFacts? FindPrepared(string name)
    {
        ForgetDeallocated();
        return Find(_prepared, name);
    }

    /// <summary>Notes the names that a command which went upstream defines.</summary>
    public void Follow(SqlFacts facts)
    {
        foreach (var statement in facts.Statements)
        {
            if (statement is { Kind: StatementKind.Prepare, Name: { } prepared, Body: { } body })
                Define(_prepared, prepared, body, MaxNames);
            else if (statement is { Kind: StatementKind.DeclareCursor, Name: { } cursor, Body: { } query })
                Define(_cursors, cursor, query, MaxNames);
        }
    }

    private void ForgetDeallocated()
    {
        while (_deallocated.TryDequeue(out var name))
        {
            if (name is null)
                _prepared.Clear();
            else
                _prepared.Remove(name);
        }
    }

    private static void Define(Dictionary<string, SqlFacts> names, string name, SqlFacts body, int most)
    {
        if (names.TryGetValue(name, out var before))
            names[name] = ReferenceEquals(before, body) ? body : Join(before, body);
        else if (names.Count < most)
            names[name] = body;
    }

    private static SqlFacts? Find(Dictionary<string, SqlFacts> names, string name) => names.GetValueOrDefault(name);

    private static SqlFacts? All(params ReadOnlySpan<SqlFacts?> found)
    {
        SqlFacts? all = null;
        foreach (var one in found)
            all = one is null ? all : all is null ? one : Join(all, one);
        return all;
    }

    private static SqlFacts Join(SqlFacts left, SqlFacts right) =>
        new([.. left.Effects, .. right.Effects.Except(left.Effects)], [.. left.Statements, .. right.Statements.Except(left.Statements)]) { Text = left.Text };

    private static SqlFacts Unknown(string what, string name) =>
        new([new Effect(EffectKind.Opaque, "execute") { Detail = $"{what} \"{name}\" is not known to the gateway" }], ImmutableArray<SqlStatement>.Empty);

    /// <summary>One query string from its first statement to its last: what it defines itself is known to what follows.</summary>
    private sealed class Reading(SqlNames session, Func<string, bool, SqlFacts?> protocolNamed, SqlFacts facts)
    {
        private readonly Dictionary<string, SqlFacts> _prepared = new(StringComparer.Ordinal);
        private readonly Dictionary<string, SqlFacts> _cursors = new(StringComparer.Ordinal);

        public SqlFacts Effective { get; private set; } = facts;

        /// <param name="some">A query string, or what a statement of it carries.</param>
        /// <param name="plansOnly">Under a plain EXPLAIN: only what cannot be read counts, as for a query that stands there itself.</param>
        public void Follow(SqlFacts some, bool plansOnly)
        {
            foreach (var statement in some.Statements)
            {
                switch (statement)
                {
                    case { Kind: StatementKind.Prepare, Name: { } name, Body: { } body }:
                        Define(_prepared, name, body, int.MaxValue);
                        break;
                    case { Kind: StatementKind.DeclareCursor, Name: { } name, Body: { } body }:
                        Define(_cursors, name, body, int.MaxValue);
                        break;
                    case { Kind: StatementKind.Execute, Name: { } name }:
                        var prepared = All(Find(_prepared, name), Find(session._prepared, name), protocolNamed(name, false));
                        Run(prepared ?? Unknown("prepared statement", name), plansOnly);
                        break;
                    case { Kind: StatementKind.Fetch, Name: { } name }:
                        var cursor = All(Find(_cursors, name), Find(session._cursors, name), protocolNamed(name, true));
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
