using System.Text;

namespace Sallyport.Ssh.Replay;

/// <summary>
/// Output of a program without a terminal, made safe for one: the only control characters that stay are line feeds and tabs. CR LF is
/// one line break, also when it was cut.
/// </summary>
internal sealed class SafeStream
{
    private bool _endedInReturn;

    public string Add(ReadOnlySpan<byte> bytes)
    {
        var text = Encoding.UTF8.GetString(bytes);
        if (_endedInReturn)
            text = '\r' + text;
        _endedInReturn = text.EndsWith('\r');
        if (_endedInReturn)
            text = text[..^1];
        return SafeText.Show(text.Replace("\r\n", "\n", StringComparison.Ordinal), keepLines: true);
    }

    /// <summary>What waited for a line feed that did not come next.</summary>
    public string End()
    {
        var rest = _endedInReturn ? SafeText.Show("\r") : "";
        _endedInReturn = false;
        return rest;
    }
}
