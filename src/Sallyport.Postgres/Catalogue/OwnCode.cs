using System.Collections.Frozen;
using System.Globalization;

namespace Sallyport.Postgres.Catalogue;

/// <summary>
/// The code that the database has of its own, and what runs it: calls, operators, casts and domains by name, relations by what is
/// done to them. A statement may run it where its text seems to use what PostgreSQL brings. Immutable.
/// </summary>
public sealed class OwnCode
{
    public static readonly OwnCode None = new();

    private FrozenDictionary<uint, CatalogueFunction> _byOid = FrozenDictionary<uint, CatalogueFunction>.Empty;
    private ILookup<string, CatalogueFunction> _byName = Array.Empty<CatalogueFunction>().ToLookup(static f => f.Name);
    private ILookup<(CodeUser, string), CodeUse> _uses = Array.Empty<CodeUse>().ToLookup(static u => (u.User, u.Name));
    private ILookup<uint, AttachedCode> _attached = Array.Empty<AttachedCode>().ToLookup(static a => a.Relation);
    private ILookup<uint, RelationRule> _rules = Array.Empty<RelationRule>().ToLookup(static r => r.Relation);
    private ILookup<uint, ForeignKey> _keys = Array.Empty<ForeignKey>().ToLookup(static k => k.Parent);

    public IReadOnlyList<CatalogueFunction> Functions
    {
        get;
        init
        {
            field = value;
            _byOid = value.ToFrozenDictionary(static f => f.Oid);
            _byName = value.ToLookup(static f => f.Name, StringComparer.Ordinal);
        }
    } = [];

    public IEnumerable<CodeUse> Uses { init => _uses = value.ToLookup(static u => (u.User, u.Name)); }

    public IEnumerable<AttachedCode> Attached { init => _attached = value.ToLookup(static a => a.Relation); }

    public IEnumerable<RelationRule> Rules { init => _rules = value.ToLookup(static r => r.Relation); }

    public IEnumerable<ForeignKey> ForeignKeys { init => _keys = value.ToLookup(static k => k.Parent); }

    /// <summary>Bodies that are trees, as they were printed.</summary>
    public PrintedTexts Printed { get; init; } = PrintedTexts.None;

    /// <summary>Rules and the queries of views, by the OID of the rule.</summary>
    public PrintedTexts RuleTexts { get; init; } = PrintedTexts.None;

    /// <summary>The queries of views, by relation.</summary>
    public IEnumerable<(uint View, string Query)> Views =>
        from rule in _rules.SelectMany(static r => r)
        where rule.On == RelationEvents.None && rule.Text.Length > 0
        select (rule.Relation, rule.Text);

    public CatalogueFunction? Find(uint oid) => _byOid.GetValueOrDefault(oid);

    /// <summary>The functions of that name in whatever schema.</summary>
    public IEnumerable<CatalogueFunction> Named(string name) => _byName[name];

    /// <summary>
    /// The functions that <c>row.name</c> may call, those of extensions too: that some relation has such a column does not mean that
    /// this row has.
    /// </summary>
    public IEnumerable<CatalogueFunction> ByNotation(string name) => _byName[name].Where(static f => f.TakesArguments && f.Fits(1));

    public bool HasNotation(string name) => ByNotation(name).Any();

    public IEnumerable<CodeUse> UsesOf(CodeUser user, string name) => _uses[(user, name)];

    /// <summary>The functions that make an aggregate.</summary>
    public IEnumerable<CodeUse> UsesOf(CatalogueFunction aggregate) =>
        _uses[(CodeUser.Aggregate, aggregate.Oid.ToString(CultureInfo.InvariantCulture))];

    public IEnumerable<AttachedCode> AttachedTo(uint relation, RelationEvents on) => _attached[relation].Where(a => (a.On & on) != 0);

    public IEnumerable<RelationRule> RulesOf(uint relation, RelationEvents on) =>
        _rules[relation].Where(r => (r.On & on) != 0 && (on & RelationEvents.Copy) == 0);

    /// <summary>The foreign keys that refer to it.</summary>
    public IEnumerable<ForeignKey> KeysTo(uint relation) => _keys[relation];
}
