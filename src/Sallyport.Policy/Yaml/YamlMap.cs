using System.Collections.Immutable;

namespace Sallyport.Policy.Yaml;

/// <summary>A key, where it stands, and its value.</summary>
public sealed record YamlEntry(YamlScalar Key, YamlNode Value);

/// <summary>
/// A mapping, read by asking for the keys it may have. After all were asked for, <see cref="RefuseOthers"/> reports the rest:
/// so a key that nobody reads is an error. Getters answer null for an absent key and for one that does not fit (then reported).
/// </summary>
public sealed class YamlMap : YamlNode
{
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    internal YamlMap(YamlProblems problems, string path, int line, int column, ImmutableArray<YamlEntry> entries)
        : base(problems, path, line, column) => Entries = entries;

    /// <summary>In the order of the file. For mappings whose keys are the user's (labels, columns).</summary>
    public ImmutableArray<YamlEntry> Entries { get; }

    public override string Describe => "a mapping";

    public bool Has(string key) => Find(key) is not null;

    /// <summary>The value of a key, and marks the key as known.</summary>
    public YamlNode? Find(string key)
    {
        _known.Add(key);
        foreach (var entry in Entries)
        {
            if (string.Equals(entry.Key.Value, key, StringComparison.Ordinal))
                return entry.Value;
        }
        return null;
    }

    /// <summary>The value of a key that must be there.</summary>
    public YamlNode? Require(string key)
    {
        var value = Find(key);
        if (value is null)
            Problems.Error(this, $"\"{key}\" is missing.");
        return value;
    }

    public string? Text(string key) => Find(key)?.AsText();

    public string? RequireText(string key) => Require(key)?.AsText();

    public bool? Flag(string key) => Find(key)?.AsFlag();

    public int? Integer(string key, int min, int max) => Find(key)?.AsInteger(min, max);

    /// <summary><c>60s</c>, <c>10m</c>, <c>8h</c>, <c>30d</c>, <c>250ms</c>.</summary>
    public TimeSpan? Duration(string key, TimeSpan min, TimeSpan max) => Find(key)?.AsDuration(min, max);

    /// <summary><c>512</c>, <c>64KiB</c>, <c>16MiB</c>, <c>2GiB</c>, in bytes.</summary>
    public long? Bytes(string key, long min, long max) => Find(key)?.AsBytes(min, max);

    /// <summary>One of an enum's names; see <see cref="YamlScalars.AsChoice"/>.</summary>
    public T? Choice<T>(string key)
        where T : struct, Enum => Find(key)?.AsChoice<T>();

    public YamlMap? Map(string key) => Find(key)?.AsMap();

    /// <summary>The items of a list, or the one value; empty when the key is absent.</summary>
    public ImmutableArray<YamlNode> Items(string key) => Find(key)?.AsItems() ?? [];

    /// <summary>Texts of a list, or the one text; empty when the key is absent.</summary>
    public ImmutableArray<string> Texts(string key) => [.. Items(key).Select(static i => i.AsText()).OfType<string>()];

    /// <summary>Reports every key that was not asked for.</summary>
    public void RefuseOthers()
    {
        foreach (var entry in Entries)
        {
            if (_known.Contains(entry.Key.Value))
                continue;
            var known = string.Join(", ", _known.Order(StringComparer.Ordinal));
            var message = $"\"{entry.Key.Value}\" is not a known key here.{Suggestion.For(entry.Key.Value, _known)} Known keys: {known}.";
            Problems.Error(entry.Key.Line, entry.Key.Column, entry.Value.Path, message);
        }
    }
}
