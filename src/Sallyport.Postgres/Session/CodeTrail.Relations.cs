using System.Text;
using Sallyport.Core;
using Sallyport.Postgres.Catalogue;
using Sallyport.Postgres.Sql;

namespace Sallyport.Postgres.Session;

/// <content>What relations run by themselves: triggers, defaults, checks, policies, rules, foreign keys, and what views call.</content>
internal sealed partial class CodeTrail
{
    private const string RuleVerb = "create_rule";

    private readonly HashSet<(uint, RelationEvents)> _touched = [];
    private readonly HashSet<(ForeignKey, RelationEvents)> _cascaded = [];

    private static RelationEvents EventOf(Effect effect) => (effect.Kind, effect.Verb) switch
    {
        (EffectKind.Read, _) or (EffectKind.Write, "select_for_update" or "refresh_materialized_view") => RelationEvents.Read,
        (EffectKind.Write, "insert") => RelationEvents.Insert,
        (EffectKind.Write, "copy_in") => RelationEvents.Insert | RelationEvents.Copy,
        (EffectKind.Write, "update") => RelationEvents.Update,
        (EffectKind.Write, "delete") => RelationEvents.Delete,
        (EffectKind.Drop, "truncate") => RelationEvents.Truncate,
        _ => RelationEvents.None,
    };

    private void Touch(EffectObject named, RelationEvents on, Effect effect, CodeScope scope)
    {
        var isOpen = !scope.IsStatement && named.Schema.Length == 0;
        var relations = isOpen ? _scope.Temporary.Named(named.Name).Concat(_catalogue.Named(named.Name)) : _scope.Find(named.Schema, named.Name);
        foreach (var relation in relations)
            Touch(relation.Oid, on, effect.Kind, named.Columns);
    }

    private void Touch(uint relation, RelationEvents on, EffectKind kind, IReadOnlyCollection<string> columns)
    {
        // The rows of what is changed are read, by a view's query or past a policy.
        if ((on & RelationEvents.Writes) != 0)
            Touch(relation, RelationEvents.Read, kind, []);
        // Foreign keys depend on the columns, so they are looked at each time.
        Cascade(relation, on, columns);
        if (!_touched.Add((relation, on)))
            return;
        foreach (var code in _own.AttachedTo(relation, on))
            RunAttached(code.Function, kind);
        foreach (var rule in _own.RulesOf(relation, on))
            ReadRule(rule, kind);
        foreach (var next in _scope.ReachedFrom(relation, childrenOnly: false))
            Touch(next, on, kind, columns);
    }

    private void RunAttached(FunctionReference reference, EffectKind kind)
    {
        if (_own.Find(reference.Oid) is { } function)
            Reach(function, CodeScope.Attached(kind));
    }

    private void ReadRule(RelationRule rule, EffectKind kind)
    {
        var scope = CodeScope.OfRule(_catalogue.Find(rule.Relation), kind);
        var facts = _sql.Read(Encoding.UTF8.GetBytes(rule.Text));
        // A rule may stand in the place of what was asked for, so what cannot be read of it is not lent.
        if (facts.Statements.IsEmpty)
            Effects.Add(new Effect(EffectKind.Opaque, SqlReader.UnreadableVerb) { Detail = $"{scope.By} cannot be read" });
        else
            Read(new SqlFacts([.. facts.Effects.Where(static e => e.Verb != RuleVerb)], facts.Statements), scope);
    }

    /// <summary>What foreign keys do to the relations that refer to this one.</summary>
    private void Cascade(uint relation, RelationEvents on, IReadOnlyCollection<string> columns)
    {
        foreach (var key in _own.KeysTo(relation))
        {
            var done = on switch
            {
                RelationEvents.Delete => EventOf(key.OnDelete, RelationEvents.Delete),
                // Only a change of what is referred to counts.
                RelationEvents.Update when columns.Count == 0 || key.Referenced.Any(columns.Contains) =>
                    EventOf(key.OnUpdate, RelationEvents.Update),
                RelationEvents.Truncate => RelationEvents.Truncate,
                _ => RelationEvents.None,
            };
            if (done == RelationEvents.None || _catalogue.Find(key.Child) is not { } child || !_cascaded.Add((key, done)))
                continue;
            var (kind, verb) = done switch
            {
                RelationEvents.Truncate => (EffectKind.Drop, "truncate"),
                RelationEvents.Delete => (EffectKind.Write, "delete"),
                _ => (EffectKind.Write, "update"),
            };
            var changed = new EffectObject(ObjectType.Relation, child.Schema, child.Name)
            {
                Columns = done == RelationEvents.Update ? key.Referencing : [],
            };
            var where = kind == EffectKind.Drop ? WhereClause.NotApplicable : WhereClause.Present;
            Lend(new Effect(kind, verb) { Objects = [changed], Where = where });
            Touch(key.Child, done, kind, changed.Columns);
        }
    }

    private static RelationEvents EventOf(char action, RelationEvents cascade) => action switch
    {
        'c' => cascade,
        'n' or 'd' => RelationEvents.Update,
        _ => RelationEvents.None,
    };
}
