using System.Collections.Frozen;
using Sallyport.Core;

namespace Sallyport.Identity;

/// <summary>Who can prove themselves by which secrets, at one moment. Immutable, swapped whole.</summary>
internal sealed class SecretSnapshot
{
    private readonly FrozenDictionary<string, Principal>.AlternateLookup<ReadOnlySpan<char>> _proved;

    public SecretSnapshot(IReadOnlyDictionary<string, ScramKeys[]> keys)
    {
        Keys = keys.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
        _proved = keys.Values.SelectMany(static k => k).Select(static k => k.Principal).DistinctBy(IdOf)
            .ToFrozenDictionary(IdOf, StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>By login, newest first.</summary>
    public FrozenDictionary<string, ScramKeys[]> Keys { get; }

    /// <summary>
    /// Whether the proof still proves that very principal: one whose groups, kind or owner the configuration changed must come again.
    /// </summary>
    public bool Proves(ReadOnlySpan<char> id, Principal principal) =>
        _proved.TryGetValue(id, out var now) && ReferenceEquals(now.Groups, principal.Groups) && now.Kind == principal.Kind &&
        now.OnBehalfOf == principal.OnBehalfOf;

    private static string IdOf(Principal principal) =>
        ProofIds.TryFind(principal.Proof, out var id) ? id.ToString() : "";
}
