using System.Text;

namespace Sallyport.Ssh.Shell;

/// <summary>What a key of a terminal means to the line editor.</summary>
internal enum Key : byte
{
    None,
    Text,
    Tab,
    Enter,
    Backspace,
    Delete,
    Left,
    Right,
    Home,
    End,
    Older,
    Newer,
    CutBefore,
    CutAfter,
    CutWord,
    Cancel,

    /// <summary>Ctrl-D: the end on an empty line, else as <see cref="Delete"/>.</summary>
    Leave,
    PasteBegins,
    PasteEnds,
}

/// <summary>Reads the bytes of a terminal (UTF-8, xterm's keys) as keys; they may be cut anywhere. What means nothing here is left out.</summary>
internal sealed class KeyReader
{
    private const byte Escape = 0x1B;
    private const int LongestSequence = 32;
    private readonly List<byte> _begun = [];

    /// <summary>Forgets what was begun.</summary>
    public void Clear() => _begun.Clear();

    /// <param name="value">The next byte.</param>
    /// <param name="text">The character of <see cref="Key.Text"/>.</param>
    public Key Read(byte value, out Rune text)
    {
        text = default;
        if (_begun is [Escape, ..])
            return ReadSequence(value);
        if (value >= 0x80)
            return ReadRune(value, out text);
        _begun.Clear();
        if (value == Escape)
        {
            _begun.Add(value);
            return Key.None;
        }
        if (value is >= 0x20 and < 0x7F)
        {
            text = new Rune((char)value);
            return Key.Text;
        }
        return value switch
        {
            (byte)'\r' or (byte)'\n' => Key.Enter,
            (byte)'\t' => Key.Tab,
            0x7F or 0x08 => Key.Backspace,
            0x01 => Key.Home,
            0x02 => Key.Left,
            0x03 => Key.Cancel,
            0x04 => Key.Leave,
            0x05 => Key.End,
            0x06 => Key.Right,
            0x0B => Key.CutAfter,
            0x0E => Key.Newer,
            0x10 => Key.Older,
            0x15 => Key.CutBefore,
            0x17 => Key.CutWord,
            _ => Key.None,
        };
    }

    private Key ReadRune(byte value, out Rune text)
    {
        text = default;
        _begun.Add(value);
        switch (Rune.DecodeFromUtf8(_begun.ToArray(), out var rune, out _))
        {
            case System.Buffers.OperationStatus.NeedMoreData:
                return Key.None;
            case System.Buffers.OperationStatus.Done when !Rune.IsControl(rune):
                _begun.Clear();
                text = rune;
                return Key.Text;
            default:
                _begun.Clear();
                return Key.None;
        }
    }

    /// <summary>CSI (ECMA-48 §5.4) and SS3 sequences.</summary>
    private Key ReadSequence(byte value)
    {
        _begun.Add(value);
        var isWhole = _begun.Count == 2 ? value is not ((byte)'[' or (byte)'O') : value is < 0x20 or >= 0x40;
        if (!isWhole && _begun.Count < LongestSequence)
            return Key.None;
        var sequence = Encoding.ASCII.GetString([.. _begun.Skip(1)]);
        _begun.Clear();
        return sequence switch
        {
            "[A" or "OA" => Key.Older,
            "[B" or "OB" => Key.Newer,
            "[C" or "OC" => Key.Right,
            "[D" or "OD" => Key.Left,
            "[H" or "OH" or "[1~" or "[7~" => Key.Home,
            "[F" or "OF" or "[4~" or "[8~" => Key.End,
            "[3~" => Key.Delete,
            "[200~" => Key.PasteBegins,
            "[201~" => Key.PasteEnds,
            // Ctrl-C ends whatever was begun.
            [.., '\u0003'] => Key.Cancel,
            _ => Key.None,
        };
    }
}
