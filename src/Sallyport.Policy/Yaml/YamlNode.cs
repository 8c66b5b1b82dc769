using System.Collections.Immutable;

namespace Sallyport.Policy.Yaml;

/// <summary>
/// A value of a document and where it stands. The typed readings (<see cref="YamlScalars"/>, <see cref="YamlMap"/>) report what
/// does not fit to <see cref="Problems"/> and answer null; none of them throws.
/// </summary>
public abstract class YamlNode
{
    private protected YamlNode(YamlProblems problems, string path, int line, int column)
    {
        Problems = problems;
        Path = path;
        Line = line;
        Column = column;
    }

    public YamlProblems Problems { get; }

    public string Path { get; }

    public int Line { get; }

    public int Column { get; }

    /// <summary>What it is, for messages: <c>a list</c>.</summary>
    public abstract string Describe { get; }

    /// <summary>Itself as a mapping, or null after saying that it is none.</summary>
    public YamlMap? AsMap()
    {
        if (this is not YamlMap)
            Problems.Error(this, $"must be a mapping (key: value), not {Describe}.");
        return this as YamlMap;
    }

    /// <summary>The items of a list; a single value counts as a list of one.</summary>
    public ImmutableArray<YamlNode> AsItems() => this is YamlList list ? list.Items : [this];
}

/// <summary>A scalar as it was written, quotes removed. What it means is up to the reader's type, so <c>no</c> stays a word.</summary>
public sealed class YamlScalar : YamlNode
{
    internal YamlScalar(YamlProblems problems, string path, int line, int column, string value, bool isPlain)
        : base(problems, path, line, column)
    {
        Value = value;
        IsPlain = isPlain;
    }

    public string Value { get; }

    /// <summary>Written without quotes.</summary>
    public bool IsPlain { get; }

    /// <summary>A key with nothing after it.</summary>
    public bool IsMissing => IsPlain && Value.Length == 0;

    public override string Describe => IsMissing ? "nothing" : $"\"{Value}\"";
}

/// <summary>A list.</summary>
public sealed class YamlList : YamlNode
{
    internal YamlList(YamlProblems problems, string path, int line, int column, ImmutableArray<YamlNode> items)
        : base(problems, path, line, column) => Items = items;

    public ImmutableArray<YamlNode> Items { get; }

    public override string Describe => "a list";
}
