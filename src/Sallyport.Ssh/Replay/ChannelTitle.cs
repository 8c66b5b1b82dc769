using Sallyport.Ssh.Recording;

namespace Sallyport.Ssh.Replay;

/// <summary>What a channel is, in the words of a header: <c> (exec)</c>, <c> (shell, xterm 80x24)</c>. Gathered from its events.</summary>
internal sealed class ChannelTitle
{
    private string? _kind;
    private string? _request;
    private string? _terminal;

    public void Learn(ChannelEvent told)
    {
        switch (told.Event)
        {
            case "channel_opened":
                _kind = told.Destination is { } destination ? $"{told.Kind} {destination}" : told.Kind;
                break;
            case "command" when told.Request is not null:
                _request = told.Request;
                break;
            case "pty":
                _terminal = $"{told.Terminal} {told.Columns}x{told.Rows}";
                break;
        }
    }

    public override string ToString()
    {
        var words = string.Join(", ", new[] { _request ?? _kind, _terminal }.Where(static word => word is not null));
        return words.Length == 0 ? "" : $" ({SafeText.Escape(words)})";
    }
}
