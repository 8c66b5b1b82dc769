using System.Collections.Frozen;
using System.Globalization;

namespace Sallyport.Postgres.Catalogue;

/// <summary>
/// Definitions as the server prints them, by OID. It locks every relation in them to do so; when one is locked by somebody who changes
/// it, what was printed before stands, for the change is not to be seen yet. What was never printed is missing. Immutable.
/// </summary>
public sealed class PrintedTexts
{
    public static readonly PrintedTexts None = new(FrozenDictionary<uint, (string, string)>.Empty);

    private readonly FrozenDictionary<uint, (string Version, string Text)> _texts;

    private PrintedTexts(FrozenDictionary<uint, (string, string)> texts) => _texts = texts;

    public string? Find(uint oid) => _texts.TryGetValue(oid, out var found) ? found.Text : null;

    /// <param name="connection">With a short lock_timeout.</param>
    /// <param name="query">Gives OIDs and texts.</param>
    /// <param name="versions">What there is to print, by OID, with what changes when it is defined anew.</param>
    /// <param name="previous">Of the reading before.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    internal static async ValueTask<PrintedTexts> ReadAsync(
        CatalogueQueries connection, string query, IReadOnlyDictionary<uint, string> versions, PrintedTexts previous,
        CancellationToken cancellationToken)
    {
        if (versions.Count == 0)
            return None;
        if (await CatalogueReader.RowsAsync(connection, query, 2, cancellationToken) is not { } rows)
            return new PrintedTexts(previous._texts.Where(t => versions.GetValueOrDefault(t.Key) == t.Value.Version).ToFrozenDictionary());
        return new PrintedTexts(rows.Select(static r => (Oid: uint.Parse(r[0]!, CultureInfo.InvariantCulture), Text: r[1]!))
            .Where(r => versions.ContainsKey(r.Oid)).ToFrozenDictionary(static r => r.Oid, r => (versions[r.Oid], r.Text)));
    }
}
