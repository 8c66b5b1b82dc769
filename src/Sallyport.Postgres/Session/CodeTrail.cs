using Sallyport.Core;
using Sallyport.Postgres.Catalogue;
using Sallyport.Postgres.Sql;

namespace Sallyport.Postgres.Session;

/// <summary>
/// Follows one statement into the database's own code: the bodies of functions that are called, by name or by an operator, a cast or
/// an aggregate, and what tables and views run by themselves. What is met once is not followed again, so it ends. Used once.
/// </summary>
internal sealed partial class CodeTrail
{
    // What no statement of good faith reaches: beyond, it is opaque.
    private const int MostFunctions = 200;
    private const int MostEffects = 2000;

    private readonly RelationScope _scope;
    private readonly Catalogue.Catalogue _catalogue;
    private readonly OwnCode _own;
    private readonly SqlReader _sql;
    private readonly List<Effect> _behind = [];
    private readonly HashSet<(EffectKind, string, string)> _lent = [];
    private readonly HashSet<(uint, bool)> _seen = [];
    private bool _changesCode;
    private readonly Queue<(CatalogueFunction Function, EffectKind? Lent)> _open = [];

    /// <param name="scope">What names mean to the client. To code that sets no path of its own they may mean anything.</param>
    /// <param name="sql">Reads the code.</param>
    public CodeTrail(RelationScope scope, SqlReader sql)
    {
        _scope = scope;
        _catalogue = scope.Catalogue;
        _own = _catalogue.OwnCode;
        _sql = sql;
    }

    /// <summary>All that is done: rules that allow must cover it.</summary>
    public List<Effect> Effects { get; } = [];

    /// <summary>What whoever made a table, a view or a function lends: only rules that deny or hold count.</summary>
    public IReadOnlyList<Effect> Behind => _behind;

    /// <summary>The opaque effects of the text that stand for calls which were followed, by their details.</summary>
    public HashSet<string> Followed { get; } = [];

    /// <summary>Code of the database's own that the client's text may run, or null.</summary>
    public string? Met { get; private set; }

    /// <summary>As <see cref="Met"/>, but none that is trusted.</summary>
    public string? Untrusted { get; private set; }

    public bool RunsCode => Met is not null || _seen.Count > 0;

    public void Follow(SqlFacts facts)
    {
        var isSeveral = facts.Statements.Length > 1;
        _changesCode = isSeveral && facts.Effects.Any(ChangesCode);
        Read(facts, CodeScope.Statement);
        while (_open.TryDequeue(out var next))
        {
            if (_seen.Count > MostFunctions || Effects.Count > MostEffects)
            {
                Effects.Add(Unread("it runs more code of the database than is followed"));
                return;
            }
            ReadBody(next.Function, next.Lent);
        }
        // What runs after the change, nobody has seen yet.
        if (_changesCode && RunsCode && (isSeveral || _seen.Count > 1))
            Effects.Add(Unread("it changes code of the database and runs some"));
    }

    private void Read(SqlFacts facts, CodeScope scope)
    {
        var unknown = new HashSet<string>();
        var followed = new HashSet<string>();
        foreach (var statement in facts.Statements)
            ReadReferences(statement, scope, followed, unknown);
        followed.ExceptWith(unknown);
        if (scope.IsStatement)
            Followed.UnionWith(followed);
        foreach (var effect in facts.Effects)
        {
            if (!StandsForCall(effect, followed))
                Take(effect, scope);
        }
    }

    /// <summary>Whether it is the opaque effect of a text for one of these calls.</summary>
    public static bool StandsForCall(Effect effect, HashSet<string> calls) =>
        effect is { Kind: EffectKind.Opaque, Verb: "call_function" or "call", Detail: { } detail } && calls.Contains(detail);

    private void Reach(CatalogueFunction function, CodeScope scope)
    {
        var isTrusted = _catalogue.IsTrusted(function.Schema, function.Name);
        Meet(function.ToString(), isTrusted, scope);
        var isNew = _seen.Add((function.Oid, scope.Lent is not null));
        if (isNew)
            Lend(new Effect(scope.Lent ?? EffectKind.Read, "call_function") { Objects = [Named(function)] });
        if (isNew && !isTrusted)
            _open.Enqueue((function, scope.Lent));
    }

    private void Meet(string name, bool isTrusted, CodeScope scope)
    {
        if (!scope.IsStatement)
            return;
        Met ??= name;
        if (!isTrusted)
            Untrusted ??= name;
    }

    private void ReadBody(CatalogueFunction function, EffectKind? lent)
    {
        var scope = CodeScope.Of(function, lent);
        if (function.IsAggregate)
        {
            foreach (var part in _own.UsesOf(function))
                Run(part.Function, scope);
        }
        else if ((function.WhyUnread ?? WhyNotFollowed(function)) is { } why)
        {
            Take(Unread($"function {function} {why}", Named(function)), scope);
        }
        else
        {
            Read(function.FactsOf(_sql), scope);
        }
    }

    private string? WhyNotFollowed(CatalogueFunction function)
    {
        var facts = function.FactsOf(_sql);
        // The session follows what its own texts set, prepare and declare, and not what functions do.
        if (facts.Statements.FirstOrDefault(static s => s.Kind != StatementKind.Plain) is { } statement)
            return $"does {statement.Verb}";
        return facts.Statements.Length > 1 && facts.Effects.Any(ChangesCode) ? "changes code before it runs some" : null;
    }

    /// <summary>Whether code of the database's own may be another one afterwards: all that makes and changes objects, tables apart.</summary>
    public static bool ChangesCode(Effect effect) => effect.Kind switch
    {
        EffectKind.Create => effect.Verb is not (
            "create_table" or "create_table_as" or "select_into" or "create_index" or "create_sequence" or "create_statistics"),
        EffectKind.Alter => effect.Verb is not ("comment" or "vacuum" or "analyze" or "reindex" or "cluster" or "alter_sequence"),
        EffectKind.Drop => effect.Verb is not ("truncate" or "drop_table" or "drop_index" or "drop_sequence" or "lo_unlink"),
        _ => false,
    };

    private void Take(Effect effect, CodeScope scope)
    {
        if (scope.By is { } by)
        {
            // A body that only computes reads nothing.
            if (effect is { Kind: EffectKind.Read, Objects.IsEmpty: true })
                return;
            var detail = effect.Detail is { } why ? $"{why}, in {by}" : $"in {by}";
            _changesCode |= ChangesCode(effect);
            effect = effect with { Objects = [.. effect.Objects.Select(o => scope.Resolve(o, _catalogue))], Detail = detail };
        }
        var isLent = scope.Lent is not null && (effect.Kind == EffectKind.Read || (effect.Kind == EffectKind.Opaque && _catalogue.Trust.IsAttachedLent));
        if (!isLent)
            Effects.Add(effect);
        else if (effect.Kind == EffectKind.Read)
            Lend(effect);
        foreach (var thing in effect.Objects)
        {
            if (thing.Type == ObjectType.Relation && EventOf(effect) is var on && on != RelationEvents.None)
                Touch(thing, on, effect, scope);
            else if (thing.Type == ObjectType.Schema && effect.Verb == "alter_schema_rename")
                ReachAll(thing.Name, scope);
        }
    }

    // Under another name they are run by what called something else.
    private void ReachAll(string schema, CodeScope scope)
    {
        foreach (var function in _own.Functions.Where(f => f.Schema == schema))
            Reach(function, scope);
    }

    private void Lend(Effect effect)
    {
        var named = string.Join(' ', effect.Objects.Select(static o => $"{o.Type} {o}({string.Join(',', o.Columns)})"));
        if (_lent.Add((effect.Kind, effect.Verb, named)))
            _behind.Add(effect);
    }

    private static Effect Unread(string why, params ReadOnlySpan<EffectObject> objects) =>
        new(EffectKind.Opaque, "call_function") { Objects = [.. objects], Detail = why };

    private static EffectObject Named(CatalogueFunction function) => new(ObjectType.Function, function.Schema, function.Name);
}
