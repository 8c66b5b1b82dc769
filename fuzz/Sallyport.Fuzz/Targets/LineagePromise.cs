using Sallyport.Core;
using Sallyport.Postgres.Sql;
using Sallyport.Postgres.Sql.Lineage;

namespace Sallyport.Fuzz.Targets;

/// <summary>
/// Where values come from, in a database where every column is masked and in one where none is: it is found again the same, nothing
/// masked comes from where nothing is, and a row of a relation is never clean where all of it is masked.
/// </summary>
internal static class LineagePromise
{
    private static readonly MaskedColumn Masked = new("any.thing.masked", Mask.Redact, "all", PredicateUse.Allow, false);

    public static void Check(IEnumerable<SqlFacts> all)
    {
        foreach (var query in all.SelectMany(static f => f.Statements).Select(static s => s.Query).OfType<Query>())
        {
            var masked = new LineageResolver(new Everywhere(Origin.Of(Masked))).Resolve(query);
            var again = new LineageResolver(new Everywhere(Origin.Of(Masked))).Resolve(query);
            var clean = new LineageResolver(new Everywhere(default)).Resolve(query);
            Promise.Holds(masked.Same(again), "the same query has the same sources");
            Promise.Holds(clean.All.Masked is null, "where nothing is masked no output is");
            if (query is SelectQuery { With.IsEmpty: true, From: [RelationSource], Targets: [{ StarOf.IsEmpty: true }] })
                Promise.Holds(!masked.All.IsClean, "a row of a masked relation is masked");
        }
    }

    /// <summary>Every relation has any column, all of one origin.</summary>
    private sealed class Everywhere(Origin origin) : IRelationShapes
    {
        public bool RestrictsPredicates => true;

        public RowShape Find(string schema, string name) => new([], false) { Rest = origin };

        public bool IsTrusted(EffectObject function) => false;
    }
}
