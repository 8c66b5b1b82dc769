using Sallyport.Masking.Detection;

namespace Sallyport.Masking.Streams;

/// <summary>
/// A private key in PEM behind its <c>-----BEGIN </c>: the label flows, then all is masked but blanks, line ends and dashes, up to the END
/// line, to a byte that no key has (such as the <c>$</c> of a prompt), or as far as the longest key reaches.
/// </summary>
internal struct KeyBlock
{
    private const int LongestLabel = 48;
    private const int Dashes = 5;

    private Part _part;
    private int _left;
    private int _matched;
    private int _dashes;

    private enum Part : byte
    {
        None,
        Label,
        LabelEnd,
        Body,
        Footer,
    }

    public readonly bool IsActive => _part != Part.None;

    public readonly bool IsInBody => _part == Part.Body;

    /// <summary>Behind <c>-----BEGIN </c>.</summary>
    public void Begin() => this = new KeyBlock { _part = Part.Label, _left = LongestLabel };

    /// <summary>True when the byte is to be masked.</summary>
    public bool Step(byte value)
    {
        switch (_part)
        {
            case Part.Label:
                StepLabel(value);
                return false;
            case Part.LabelEnd:
                if (value != '-')
                    _part = Part.None;
                else if (++_dashes == Dashes)
                    this = new KeyBlock { _part = Part.Body, _left = Scanner.LongestFound };
                return false;
            case Part.Body:
                return StepBody(value);
            default:
                if (--_left == 0 || (value != '-' && _dashes > 0) || (value == '-' && ++_dashes == Dashes) || !IsOfBody(value))
                    _part = Part.None;
                return false;
        }
    }

    private void StepLabel(byte value)
    {
        var wanted = "PRIVATE KEY"u8;
        if (value == '-')
            (_part, _dashes) = (_matched == wanted.Length ? Part.LabelEnd : Part.None, 1);
        else if (--_left == 0 || !(Ascii.IsUpper(value) || Ascii.IsDigit(value) || value == ' '))
            _part = Part.None;
        else if (_matched < wanted.Length)
            _matched = value == wanted[_matched] ? _matched + 1 : value == 'P' ? 1 : 0;
    }

    private bool StepBody(byte value)
    {
        var footer = "END "u8;
        if (--_left == 0 || !IsOfBody(value))
        {
            _part = Part.None;
            return false;
        }
        if (value == '-')
        {
            (_dashes, _matched) = (_dashes + 1, 0);
            return false;
        }
        if (_dashes >= Dashes && value == footer[_matched])
        {
            if (++_matched == footer.Length)
                this = new KeyBlock { _part = Part.Footer, _left = LongestLabel };
            return false;
        }
        (_dashes, _matched) = (0, 0);
        return value is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n');
    }

    private static bool IsOfBody(byte value) => Ascii.IsLetterOrDigit(value) || "+/=-:,. \t\r\n\\()"u8.Contains(value);
}
