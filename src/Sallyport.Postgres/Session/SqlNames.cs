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

    private readonly SessionState _state;
    private readonly Dictionary<string, SqlFacts> _prepared = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SqlFacts> _cursors = new(StringComparer.Ordinal);

    public SqlNames(SessionState state) => _state = state;

    /// <summary>Whether what these facts say depends on names.</summary>
    public static bool RunsByName(SqlFacts facts)
    {
        foreach (var statement in facts.Statements)
        {
            if (statement.Kind is StatementKind.Execute or StatementKind.Fetch or StatementKind.Prepare)
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
        var effective = facts;
        var local = new Dictionary<string, SqlFacts>(StringComparer.Ordinal);
        foreach (var statement in facts.Statements)
        {
            switch (statement)
            {
                case { Kind: StatementKind.Prepare, Name: { } name, Body: { } body }:
                    local[name] = local.TryGetValue(name, out var before) ? Join(before, body) : body;
                    break;
                case { Kind: StatementKind.DeclareCursor, Name: { } name, Body: { } body }:
                    local["cursor " + name] = body;
                    break;
                case { Kind: StatementKind.Execute, Name: { } name }:
                    effective = Join(effective, All(Find(local, name), Find(_prepared, name), protocolNamed(name, false)) ?? Unknown("prepared statement", name));
                    break;
                case { Kind: StatementKind.Fetch, Name: { } name }:
                    effective = Join(effective, All(Find(local, "cursor " + name), Find(_cursors, name), protocolNamed(name, true)) ?? Unknown("cursor", name));
                    break;
            }
        }
        return effective;
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
                Define(_prepared, prepared, body);
            else if (statement is { Kind: StatementKind.DeclareCursor, Name: { } cursor, Body: { } query })
                Define(_cursors, cursor, query);
        }
    }

    private void ForgetDeallocated()
    {
        while (_state.Deallocated.TryDequeue(out var name))
        {
            if (name is null)
                _prepared.Clear();
            else
                _prepared.Remove(name);
        }
    }

    private static void Define(Dictionary<string, SqlFacts> names, string name, SqlFacts body)
    {
        if (names.TryGetValue(name, out var before))
            names[name] = ReferenceEquals(before, body) ? body : Join(before, body);
        else if (names.Count < MaxNames)
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
}
