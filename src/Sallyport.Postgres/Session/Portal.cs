namespace Sallyport.Postgres.Session;

/// <summary>
/// A bound portal: the statement, its parameters as the Bind message had them, and its rows' shape. The unnamed one is reused from
/// Bind to Bind and keeps its buffer.
/// </summary>
internal sealed class Portal
{
    private byte[] _tail = [];
    private int _length;

    public Portal(byte[] name) => Name = name;

    public byte[] Name { get; }

    public PreparedStatement? Statement { get; private set; }

    public ResultShape? Shape { get; private set; }

    /// <summary>The Bind body from the parameter formats on.</summary>
    public ReadOnlySpan<byte> Tail => _tail.AsSpan(0, _length);

    public void Bind(PreparedStatement statement, ResultShape shape, ReadOnlySpan<byte> tail)
    {
        Statement = statement;
        Shape = shape;
        // A buffer that one huge Bind needed is not kept for the life of the session.
        if (_tail.Length < tail.Length || (_tail.Length > 64 * 1024 && tail.Length <= 64 * 1024))
            _tail = new byte[Math.Max(256, tail.Length)];
        tail.CopyTo(_tail);
        _length = tail.Length;
    }
}
