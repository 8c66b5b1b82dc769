using System.Text;

namespace Sallyport.Ssh.Replay;

/// <summary>
/// Shows an SSH session to people. Output of programs stands behind <c>| </c>, standard error behind <c>! </c>, standard input behind
/// <c>&lt; </c>, escaped, so that none of it can drive the terminal or pass for a line of the gateway. A channel with a pseudo-terminal
/// is played as it was when <c>playsTerminals</c>, through a <see cref="TerminalFilter"/>; what was typed there shows by its echo only.
/// </summary>
public sealed class SshTerminalWriter(TextWriter output, bool playsTerminals) : TranscriptWriter
{
    private readonly TranscriptLines _lines = new(output);
    private readonly Dictionary<uint, ChannelTitle> _titles = [];
    private readonly Dictionary<uint, TerminalFilter> _screens = [];
    private readonly Dictionary<(uint Channel, ChannelFlow Flow), SafeStream> _streams = [];
    private (uint Channel, ChannelFlow Flow)? _openLine;
    private TerminalFilter? _screen;
    private uint? _shown;

    public override void Write(TranscriptItem item)
    {
        switch (item)
        {
            case ChannelBytesItem { IsTerminal: true, Flow: ChannelFlow.Input }:
                break;
            case ChannelBytesItem { IsTerminal: true } bytes when playsTerminals:
                Play(bytes);
                break;
            case ChannelBytesItem bytes:
                WriteText(bytes);
                break;
            case ChannelEventItem told:
                WriteEvent(told);
                break;
            default:
                BeginLine();
                _lines.TryWrite(item);
                break;
        }
    }

    public override void Close()
    {
        BeginLine();
        output.Flush();
    }

    private void Play(ChannelBytesItem bytes)
    {
        if (!_screens.TryGetValue(bytes.Channel, out var screen))
            _screens.Add(bytes.Channel, screen = new TerminalFilter());
        if (screen != _screen)
        {
            BeginLine();
            WriteHeader(bytes.Channel);
            if (screen.IsAlternate)
                output.Write(TerminalFilter.EnterAlternate);
            _screen = screen;
        }
        output.Write(screen.Pass(Encoding.UTF8.GetString(bytes.Bytes)));
        output.Flush();
    }

    private void WriteText(ChannelBytesItem bytes)
    {
        var from = (bytes.Channel, bytes.Flow);
        if (_openLine != from)
            BeginLine();
        WriteHeader(bytes.Channel);
        if (!_streams.TryGetValue(from, out var stream))
            _streams.Add(from, stream = new SafeStream());
        WriteText(from, stream.Add(bytes.Bytes));
        output.Flush();
    }

    private void WriteText((uint Channel, ChannelFlow Flow) from, string text)
    {
        var lines = text.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var isEnded = i < lines.Length - 1;
            if (_openLine is null && (isEnded || lines[i].Length > 0))
                output.Write(from.Flow switch { ChannelFlow.Output => "| ", ChannelFlow.Error => "! ", _ => "< " });
            output.Write(lines[i]);
            if (isEnded)
                output.WriteLine();
            _openLine = isEnded || (_openLine is null && lines[i].Length == 0) ? null : from;
        }
    }

    private void WriteEvent(ChannelEventItem told)
    {
        if (!_titles.TryGetValue(told.Channel, out var title))
            _titles.Add(told.Channel, title = new ChannelTitle());
        title.Learn(told.Event);

        // Drawn over a screen, these would spoil it and tell nothing that it does not.
        if (_screen is not null && _shown == told.Channel && told.Event.Event is "resize" or "env" or "signal" or "eof")
            return;
        BeginLine();
        var words = told.Words;
        var rest = words.Length > 0 ? "  " + words : "";
        output.WriteLine($"{TranscriptLines.Time(told.At)}  channel {told.Channel}  {SafeText.Escape(told.Event.Event)}{rest}");
        if (told.Event.Event == "channel_closed")
            Forget(told.Channel);
    }

    private void WriteHeader(uint channel)
    {
        if (_shown == channel)
            return;
        _shown = channel;
        output.WriteLine($"--- channel {channel}{_titles.GetValueOrDefault(channel)} ---");
    }

    /// <summary>Leaves a screen that is played, and a line that is not ended.</summary>
    private void BeginLine()
    {
        if (_screen is { } screen)
        {
            _screen = null;
            output.Write(screen.Reset);
            if (!screen.IsAtLineStart)
                output.WriteLine();
        }
        if (_openLine is { } from)
        {
            output.WriteLine(_streams[from].End());
            _openLine = null;
        }
    }

    private void Forget(uint channel)
    {
        _titles.Remove(channel);
        _screens.Remove(channel);
        foreach (var flow in Enum.GetValues<ChannelFlow>())
            _streams.Remove((channel, flow));
    }
}
