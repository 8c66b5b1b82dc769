namespace Sallyport.Masking.Streams;

/// <summary>What begins behind a trigger.</summary>
internal enum Body : byte
{
    AwsKey,
    JsonWebToken,
    EmailDomain,

    /// <summary>The rest of a secret that is longer than the automaton knows.</summary>
    LongSecret,

    /// <summary>How many of them are runs of a class of bytes.</summary>
    Classes,
    PrivateKey = Classes,
}

/// <summary>
/// A text that the automaton looks for: a trigger that flows and begins a body, or a secret of which all but the first bytes is masked.
/// </summary>
internal sealed record Trigger(byte[] Text, Body? Begins, int Shown);

/// <summary>
/// Aho and Corasick's automaton as a table: one step for each byte, whatever the number of texts. Bytes that are in no text share a column.
/// Immutable.
/// </summary>
internal sealed class TriggerAutomaton
{
    private readonly byte[] _columns = new byte[256];
    private readonly ushort[] _next;
    private readonly int _width;
    private readonly byte[] _depths;
    private readonly bool[] _masks;
    private readonly Trigger?[] _ends;

    public TriggerAutomaton(IReadOnlyCollection<Trigger> triggers)
    {
        foreach (var value in triggers.SelectMany(static t => t.Text).Distinct().Order())
            _columns[value] = (byte)(Math.Min(_columns.Max() + 1, 255));
        _width = _columns.Max() + 1;
        var children = new List<Dictionary<byte, int>> { new() };
        var ends = new List<Trigger?> { null };
        var masks = new List<bool> { false };
        var depths = new List<byte> { 0 };
        foreach (var trigger in triggers)
        {
            var node = 0;
            for (var i = 0; i < trigger.Text.Length; i++)
            {
                if (!children[node].TryGetValue(_columns[trigger.Text[i]], out var child))
                {
                    child = children.Count;
                    children[node].Add(_columns[trigger.Text[i]], child);
                    children.Add([]);
                    ends.Add(null);
                    masks.Add(false);
                    depths.Add((byte)Math.Min(255, i + 1));
                }
                node = child;
                masks[node] |= i >= trigger.Shown;
            }
            ends[node] ??= trigger;
        }
        (_ends, _masks, _depths) = ([.. ends], [.. masks], [.. depths]);
        _next = new ushort[checked((ushort)children.Count) * _width];
        Link(children);
    }

    public int Next(int node, byte value) => _next[(node * _width) + _columns[value]];

    /// <summary>How many bytes of a text the node stands for.</summary>
    public int Depth(int node) => _depths[node];

    /// <summary>The byte that led there belongs to a secret.</summary>
    public bool Masks(int node) => _masks[node];

    /// <summary>The text that ends there.</summary>
    public Trigger? End(int node) => _ends[node];

    private void Link(List<Dictionary<byte, int>> children)
    {
        var fallbacks = new int[children.Count];
        var queue = new Queue<int>([0]);
        while (queue.TryDequeue(out var node))
        {
            _masks[node] |= _masks[fallbacks[node]];
            _ends[node] ??= _ends[fallbacks[node]];
            for (var column = 0; column < _width; column++)
            {
                var fallback = node == 0 ? 0 : _next[(fallbacks[node] * _width) + column];
                if (children[node].TryGetValue((byte)column, out var child))
                {
                    fallbacks[child] = fallback;
                    _next[(node * _width) + column] = (ushort)child;
                    queue.Enqueue(child);
                }
                else
                    _next[(node * _width) + column] = (ushort)fallback;
            }
        }
    }
}
