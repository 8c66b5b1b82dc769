namespace Sallyport.Masking.Streams;

/// <summary>
/// What the user has typed and the terminal has not echoed yet. More than fits is forgotten: its echo is then masked as output is.
/// </summary>
internal sealed class EchoCredit
{
    private const int Most = 1024;

    private readonly byte[] _typed = new byte[Most];
    private int _first;
    private int _count;
    private bool _isEchoing;

    public bool IsEmpty => _count == 0;

    public void Add(ReadOnlySpan<byte> typed)
    {
        if (typed.Length > Most - _count)
        {
            _count = 0;
            return;
        }
        foreach (var value in typed)
            _typed[(_first + _count++) % Most] = value;
    }

    /// <summary>What <see cref="Covers"/> would say.</summary>
    public bool WouldCover(byte value, bool mayBegin) => _count > 0 && value == _typed[_first] && (_isEchoing || mayBegin);

    /// <summary>Whether the byte goes on with, or begins, an echo. One that does not ends it.</summary>
    /// <param name="value">The visible byte of the output.</param>
    /// <param name="mayBegin">Nothing is suspected: an echo may begin here.</param>
    public bool Covers(byte value, bool mayBegin)
    {
        _isEchoing = WouldCover(value, mayBegin);
        if (!_isEchoing)
        {
            _count = 0;
            return false;
        }
        _first = (_first + 1) % Most;
        _count--;
        return true;
    }

    /// <summary>Output came that nobody looked at.</summary>
    public void Pass() => _isEchoing = false;
}
