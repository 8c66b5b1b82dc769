using System.Collections.Frozen;

namespace Sallyport.Postgres.Catalogue;

/// <summary>
/// The names of the functions, operators and casts that are the database's own, extensions apart. A statement that uses such a name
/// may run code that its text does not show: <c>upper(1)</c> where somebody made an <c>upper(int)</c>. Immutable.
/// </summary>
public sealed class OwnCode
{
    public static readonly OwnCode None = new([]);

    private readonly FrozenSet<string> _functions;
    private readonly FrozenSet<string> _ofOne;
    private readonly FrozenSet<string> _operators;
    private readonly FrozenSet<string> _castTypes;

    /// <param name="names">With <c>f</c> a function, <c>r</c> one that can be called with one argument, those of extensions too, <c>o</c> an operator, <c>c</c> the type that a cast goes to.</param>
    public OwnCode(IEnumerable<(char Kind, string Name)> names)
    {
        var byKind = names.ToLookup(static n => n.Kind, static n => n.Name);
        _functions = byKind['f'].ToFrozenSet(StringComparer.Ordinal);
        _ofOne = byKind['r'].ToFrozenSet(StringComparer.Ordinal);
        _operators = byKind['o'].ToFrozenSet(StringComparer.Ordinal);
        _castTypes = byKind['c'].ToFrozenSet(StringComparer.Ordinal);
    }

    public bool IsEmpty => _functions.Count == 0 && _ofOne.Count == 0 && _operators.Count == 0 && _castTypes.Count == 0;

    public bool HasFunction(string name) => _functions.Contains(name);

    /// <summary>
    /// Whether <c>row.name</c> may call a function of that name: that some relation has such a column does not mean that this row has.
    /// </summary>
    public bool HasNotation(string name) => _ofOne.Contains(name);

    public bool HasOperator(string name) => _operators.Contains(name);

    /// <summary>Whether a cast to that type is a function of the database's own.</summary>
    public bool HasCastTo(string type) => _castTypes.Contains(type);
}
