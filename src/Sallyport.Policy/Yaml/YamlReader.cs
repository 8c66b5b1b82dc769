using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Sallyport.Policy.Yaml;

/// <summary>
/// Bytes → one document of plain YAML: scalars, lists and mappings. Anchors, aliases, merge keys, tags, duplicate keys, a second
/// document, and anything past the limits (4 MiB, 32 levels, 200,000 values) are errors. Never throws for what is in the file.
/// </summary>
public sealed class YamlReader
{
    public const int MaxBytes = 4 * 1024 * 1024;
    public const int MaxDepth = 32;
    public const int MaxNodes = 200_000;

    private readonly YamlProblems _problems;
    private readonly Parser _parser;
    private int _nodes;

    private YamlReader(YamlProblems problems, string text)
    {
        _problems = problems;
        _parser = new Parser(new StringReader(text));
    }

    /// <summary>The root mapping. When it cannot be read, the problems say why and the mapping holds what was read, or nothing.</summary>
    /// <param name="file">The name that problems show.</param>
    /// <param name="bytes">UTF-8, with or without a byte order mark.</param>
    public static YamlMap Read(string file, ReadOnlySpan<byte> bytes)
    {
        var problems = new YamlProblems(file);
        var empty = new YamlMap(problems, "", 1, 1, []);
        if (bytes.Length > MaxBytes)
        {
            problems.Error(empty, $"is larger than {MaxBytes / 1024 / 1024} MiB.");
            return empty;
        }
        if (!TryDecode(bytes, out var text))
        {
            problems.Error(empty, "is not UTF-8 text.");
            return empty;
        }
        try
        {
            return new YamlReader(problems, text).ReadDocument() ?? empty;
        }
        catch (YamlException e)
        {
            problems.Error((int)e.Start.Line, (int)e.Start.Column, "", $"is not YAML: {e.Message}");
            return empty;
        }
    }

    private static bool TryDecode(ReadOnlySpan<byte> bytes, out string text)
    {
        if (bytes.StartsWith("\uFEFF"u8))
            bytes = bytes[3..];
        text = "";
        if (!System.Text.Unicode.Utf8.IsValid(bytes))
            return false;
        text = Encoding.UTF8.GetString(bytes);
        return true;
    }

    private YamlMap? ReadDocument()
    {
        _parser.Consume<StreamStart>();
        if (!_parser.TryConsume<DocumentStart>(out _))
        {
            _problems.Error(1, 1, "", "is empty.");
            return null;
        }
        var root = ReadNode("", 0);
        _parser.Consume<DocumentEnd>();
        if (_parser.TryConsume<DocumentStart>(out var second))
            _problems.Error((int)second.Start.Line, (int)second.Start.Column, "", "a second document starts here; a file holds one.");
        return root?.AsMap();
    }

    /// <summary>Null when the node was refused; it is consumed all the same.</summary>
    private YamlNode? ReadNode(string path, int depth)
    {
        var start = _parser.Current!;
        var (line, column) = ((int)start.Start.Line, (int)start.Start.Column);
        if (depth > MaxDepth || ++_nodes > MaxNodes)
        {
            var limit = depth > MaxDepth ? $"nested deeper than {MaxDepth} levels." : "too many values.";
            throw new YamlException(start.Start, start.End, limit);
        }
        if (start is NodeEvent { Anchor.IsEmpty: false })
            _problems.Error(line, column, path, "anchors (&name) are not supported; write the value out.");
        if (start is NodeEvent { Tag.IsEmpty: false })
            _problems.Error(line, column, path, "tags (!name) are not supported.");
        switch (start)
        {
            case Scalar scalar:
                _parser.MoveNext();
                return new YamlScalar(_problems, path, line, column, scalar.Value, scalar.Style == ScalarStyle.Plain);
            case SequenceStart:
                return ReadList(path, line, column, depth);
            case MappingStart:
                return ReadMap(path, line, column, depth);
            default:
                _problems.Error(line, column, path, "aliases (*name) are not supported; write the value out.");
                _parser.MoveNext();
                return null;
        }
    }

    private YamlList ReadList(string path, int line, int column, int depth)
    {
        _parser.MoveNext();
        var items = ImmutableArray.CreateBuilder<YamlNode>();
        for (var i = 0; !_parser.TryConsume<SequenceEnd>(out _); i++)
        {
            if (ReadNode(string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"), depth + 1) is { } item)
                items.Add(item);
        }
        return new YamlList(_problems, path, line, column, items.ToImmutable());
    }

    private YamlMap ReadMap(string path, int line, int column, int depth)
    {
        _parser.MoveNext();
        var entries = ImmutableArray.CreateBuilder<YamlEntry>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var key = ReadNode(path, depth + 1) as YamlScalar;
            var childPath = key is null ? path : path.Length == 0 ? key.Value : $"{path}.{key.Value}";
            var value = ReadNode(childPath, depth + 1);
            if (key is null)
                _problems.Error(value ?? new YamlMap(_problems, path, line, column, []), "a key must be a plain word.");
            else if (key is { Value: "<<", IsPlain: true })
                _problems.Error(key, "merge keys (<<) are not supported; write the values out.");
            else if (!seen.Add(key.Value))
                _problems.Error(key.Line, key.Column, childPath, $"\"{key.Value}\" is written twice.");
            else if (value is not null)
                entries.Add(new YamlEntry(key, value));
        }
        return new YamlMap(_problems, path, line, column, entries.ToImmutable());
    }
}
