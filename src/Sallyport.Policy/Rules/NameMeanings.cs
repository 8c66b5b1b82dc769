using Sallyport.Core;

namespace Sallyport.Policy.Rules;

/// <summary>
/// Resolves unqualified names for one decision and remembers whether it was asked: a verdict that never asked holds for every
/// session, whatever its search path.
/// </summary>
internal struct NameMeanings
{
    private static readonly string[] Public = ["public"];
    private readonly INameResolver? _names;

    public NameMeanings(INameResolver? names) => _names = names;

    public bool Asked { get; private set; }

    public ReadOnlySpan<string> Of(EffectObject target)
    {
        Asked = true;
        return _names is null ? Public : _names.SchemasOf(target.Type, target.Name);
    }
}
