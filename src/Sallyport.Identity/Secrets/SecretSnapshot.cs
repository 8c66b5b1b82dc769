using System.Collections.Frozen;
using Sallyport.Core;

namespace Sallyport.Identity;

/// <summary>Who can prove themselves by which secrets, at one moment. Immutable, swapped whole.</summary>
internal sealed class SecretSnapshot
{
    private readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> _ids;

    public SecretSnapshot(IReadOnlyDictionary<string, ScramKeys[]> keys)
    {
        Keys = keys.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
        _ids = keys.Values.SelectMany(static k => k).Select(static k => IdOf(k.Principal)).ToFrozenSet(StringComparer.Ordinal)
            .GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>By login, newest first.</summary>
    public FrozenDictionary<string, ScramKeys[]> Keys { get; }

    public bool Has(ReadOnlySpan<char> id) => _ids.Contains(id);

    private static string IdOf(Principal principal) =>
        ProofIds.TryFind(principal.Proof, out var id) ? id.ToString() : "";
}
