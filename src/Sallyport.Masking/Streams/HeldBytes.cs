namespace Sallyport.Masking.Streams;

/// <summary>
/// The bytes that may begin a short secret, with the codes between them, in the order in which they came. Bounded: who puts more codes
/// between the letters of a secret than fit shows it.
/// </summary>
internal sealed class HeldBytes
{
    private const int Most = 256;

    private readonly (byte Value, TerminalByte Kind)[] _bytes = new (byte, TerminalByte)[Most];
    private int _first;

    public int Count { get; private set; }

    /// <summary>How many of them are text.</summary>
    public int Visible { get; private set; }

    public bool IsFull => Count == Most;

    public void Add(byte value, TerminalByte kind)
    {
        _bytes[(_first + Count++) % Most] = (value, kind);
        Visible += kind == TerminalByte.Text ? 1 : 0;
    }

    public (byte Value, TerminalByte Kind) Take()
    {
        var taken = _bytes[_first];
        _first = (_first + 1) % Most;
        Count--;
        Visible -= taken.Kind == TerminalByte.Text ? 1 : 0;
        return taken;
    }
}
