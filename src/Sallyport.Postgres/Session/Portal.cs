namespace Sallyport.Postgres.Session;

/// <summary>
/// A bound portal: the statement, its parameters as the Bind message had them, and its rows' shape. The unnamed one is reused from
/// Bind to Bind and keeps its buffer.
/// </summary>
internal sealed class Portal
{
    private byte[] _tail = [];
    private int _length;
    private int _answered;

    public Portal(byte[] name) => Name = name;

    public byte[] Name { get; }

    public PreparedStatement? Statement { get; private set; }

    public ResultShape? Shape { get; private set; }

    /// <summary>Counts the Binds sent; goes with the Bind's entry in the queue.</summary>
    public int Binding { get; private set; }

    /// <summary>The Sync segment of the last Bind: in the same one, what follows a Bind that failed is skipped with it.</summary>
    public long BoundIn { get; private set; } = -1;

    /// <summary>Which of the names that SQL defines it was bound under.</summary>
    public int NamesVersion { get; set; }

    /// <summary>What names meant when it was bound (<see cref="SessionNames.Epoch"/>): the server resolved them then.</summary>
    public int NamesEpoch { get; set; }

    /// <summary>The server took the last Bind. Otherwise it may still have what was bound here before.</summary>
    public bool IsAnswered => Volatile.Read(ref _answered) == Binding;

    /// <summary>Set by the upstream's pump.</summary>
    public void Answer(int binding) => Volatile.Write(ref _answered, binding);

    /// <summary>The Bind body from the parameter formats on.</summary>
    public ReadOnlySpan<byte> Tail => _tail.AsSpan(0, _length);

    public void Bind(PreparedStatement statement, ResultShape shape, ReadOnlySpan<byte> tail, long segment)
    {
        Binding++;
        BoundIn = segment;
        Statement = statement;
        Shape = shape;
        // A buffer that one huge Bind needed is not kept for the life of the session.
        if (_tail.Length < tail.Length || (_tail.Length > 64 * 1024 && tail.Length <= 64 * 1024))
            _tail = new byte[Math.Max(256, tail.Length)];
        tail.CopyTo(_tail);
        _length = tail.Length;
    }
}
