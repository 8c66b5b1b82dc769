using System.Buffers;
using System.Globalization;
using System.Text;
using Sallyport.Ssh.Channels;
using Sallyport.Ssh.Session;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Shell;

/// <summary>
/// Command mode on a session channel: the gateway's own prompt; each line is decided and run by itself. With a terminal there is a line
/// editor, and what is typed while a line runs is its input; without one each line of the client's data is a command, and commands have
/// no input. Guarded by the session's lock.
/// </summary>
internal sealed class CommandShell(SshSession session, Channel channel) : ChannelFilter
{
    public const byte CtrlC = 3;

    private readonly string _host = $"{SafeText.Show(session.Session.Principal.Name)}@{SafeText.Show(session.Resource.Name)}";
    private readonly LineEditor _editor = new();
    private readonly ArrayBufferWriter<byte> _output = new(256);
    private readonly Queue<string> _pasted = new();
    private readonly WaitingInput _input = new();
    private uint _status;
    private string? _home;
    private bool _isBusy;
    private bool _isShowing;
    private bool _isAtLineStart = true;
    private bool _hasEof;
    private bool _isOver;

    public Channel Channel => channel;

    /// <summary>Where lines run; null is where sessions begin.</summary>
    public string? Directory { get; private set; }

    /// <summary>The line that runs at the target, or null.</summary>
    public LineRun? Run { get; private set; }

    public override bool IsWaiting => _isBusy && (!_input.IsEmpty || Run is { ToUpstream.IsEmpty: false });

    /// <summary>What is to be shown next, and not again.</summary>
    public byte[] TakeOutput()
    {
        var output = _output.WrittenSpan.ToArray();
        _output.ResetWrittenCount();
        return output;
    }

    /// <summary>All output was shown.</summary>
    public void Shown()
    {
        _isShowing = false;
        if (_isOver)
            session.FinishHere(channel, _status);
        else
            Go();
    }

    /// <summary>Shows the first prompt.</summary>
    public void Begin() => Prompt();

    public override void FromClient(ReadOnlySpan<byte> data)
    {
        if (_isOver)
            return;
        if (Run is { } run && channel.HasPty)
        {
            run.ToUpstream.SendData(0, data);
            return;
        }
        _input.Add(data);
        if (_isBusy)
            DropBeforeCtrlC();
        Go();
    }

    public override void EofFromClient()
    {
        _hasEof = true;
        if (Run is { } run && channel.HasPty)
            run.ToUpstream.Send(MessageNumber.ChannelEof, []);
        Go();
    }

    /// <summary>Nothing runs there: the session takes what comes from there for a breach.</summary>
    public override void FromUpstream(uint type, ReadOnlySpan<byte> data)
    {
    }

    public override void Drained()
    {
        if (!_isBusy && !_isOver && (!_input.IsEmpty || _pasted.Count > 0 || _hasEof))
            session.Resume(this);
    }

    public override void End()
    {
        _isOver = true;
        if (Run is not { } run)
            return;
        run.ToUpstream.Drop();
        run.ToUpstream.Send(MessageNumber.ChannelClose, []);
    }

    /// <summary>A request of the client's that concerns what runs. False: not done.</summary>
    public bool TakeRequest(ReadOnlySpan<byte> name, ReadOnlySpan<byte> rest)
    {
        _editor.Columns = channel.Settings.Columns;
        if (name.SequenceEqual("pty-req"u8) || name.SequenceEqual("env"u8))
            return false;
        if (Run is { ToUpstream.IsCrowded: false } run)
            run.ToUpstream.Send(MessageNumber.ChannelRequest, new SshWriter().String(name).Boolean(false).Bytes(rest).Written);
        return true;
    }

    /// <summary>The line that was decided runs now.</summary>
    public void Started(LineRun run)
    {
        Run = run;
        channel.Source = run.ToUpstream;
        // A command without a terminal has no input: lines of the client's are commands.
        if (!channel.HasPty || _hasEof)
            run.ToUpstream.Send(MessageNumber.ChannelEof, []);
    }

    /// <summary>Output of the line was shown.</summary>
    public void SawOutput(ReadOnlySpan<byte> data)
    {
        if (!data.IsEmpty)
            _isAtLineStart = data[^1] is (byte)'\n';
    }

    /// <summary>Whether a line of the gateway's own that is shown now stands at a line's beginning, as what comes after it does.</summary>
    public bool BeginsLine()
    {
        var begins = _isAtLineStart;
        _isAtLineStart = true;
        return begins;
    }

    /// <summary>The line is over, or was refused.</summary>
    public void Finished(uint status, DirectoryTrailer? trailer = null)
    {
        _status = status;
        (Directory, _home) = trailer is { Directory: not null } ? (trailer.Directory, trailer.Home) : (Directory, _home);
        Run = null;
        channel.Source = null;
        channel.ToClient.Owed = 0;
        channel.Masks = null;
        if (_isOver)
            return;
        _isBusy = false;
        Prompt();
        Go();
    }

    /// <summary>Takes lines of what the client sent, one at a time, while the client takes what is shown.</summary>
    public void Go()
    {
        while (!_isBusy && !_isOver && !_isShowing && channel.ToClient.IsEmpty)
        {
            if (_pasted.TryDequeue(out var line))
            {
                _editor.Enter(line, _output);
                Take(line);
            }
            else if (channel.HasPty ? !Edit() : !Split())
            {
                break;
            }
        }
        Show();
        if (!_isBusy)
            session.Settled(channel);
    }

    /// <summary>False: nothing to do.</summary>
    private bool Edit()
    {
        if (_input.IsEmpty)
            return _hasEof && Leave();
        var rest = _input.Span;
        var step = _editor.Read(ref rest, _output);
        _input.Take(_input.Span.Length - rest.Length);
        switch (step)
        {
            case EditorStep.Entered:
                var lines = _editor.Text.Split('\n').Where(static l => !string.IsNullOrWhiteSpace(l)).ToArray();
                foreach (var line in lines.Skip(1))
                    _pasted.Enqueue(line);
                Take(lines.FirstOrDefault() ?? "");
                break;
            case EditorStep.Cancelled:
                _status = 130;
                _pasted.Clear();
                Prompt();
                break;
            case EditorStep.Left:
                return Leave();
        }
        return true;
    }

    /// <summary>As <see cref="Edit"/>, without a terminal.</summary>
    private bool Split()
    {
        var input = _input.Span;
        var end = input.IndexOf((byte)'\n');
        if (end < 0 && input.Length > Commands.ShellLine.LongestLine)
        {
            _output.Write("sallyport: a line that is too long\n"u8);
            _status = SshSession.RefusedStatus;
            return Leave();
        }
        if (end < 0 && (!_hasEof || input.IsEmpty))
            return _hasEof && Leave();
        // Shells read past NUL, too; and a carriage return before the newline is a habit of some clients.
        var text = end < 0 ? input : input[..end];
        byte[] line = [.. text.TrimEnd((byte)'\r').ToArray().Where(static b => b != 0)];
        _input.Take(end < 0 ? input.Length : end + 1);
        Take(line);
        return true;
    }

    private void Take(string line) => Take(Encoding.UTF8.GetBytes(line));

    private void Take(byte[] line)
    {
        var words = Encoding.UTF8.GetString(line).Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0)
        {
            Prompt();
            return;
        }
        if (words[0] == "exit" && words.Length <= 2)
        {
            var status = _status;
            if (words.Length == 1 || uint.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out status))
            {
                _status = status & 0xFF;
                Leave();
                return;
            }
        }
        _isBusy = true;
        _isAtLineStart = true;
        session.RunLine(this, line);
        if (DropBeforeCtrlC())
            channel.TakeBack();
    }

    /// <summary>Ctrl-C takes back the line that is being decided; what was typed between them goes with it.</summary>
    private bool DropBeforeCtrlC()
    {
        if (!channel.HasPty || _input.Span.LastIndexOf(CtrlC) is var at && at < 0)
            return false;
        _pasted.Clear();
        _input.Take(at + 1);
        return true;
    }

    private bool Leave()
    {
        _isOver = true;
        // The end comes behind what is shown, also when that is nothing.
        _isShowing = true;
        session.Show(this);
        return false;
    }

    private void Prompt()
    {
        if (!channel.HasPty)
            return;
        if (!_isAtLineStart)
            _output.Write("\r\n"u8);
        _isAtLineStart = true;
        _editor.Columns = channel.Settings.Columns;
        var status = _status == 0 ? "" : $"[{_status}] ";
        _editor.Begin($"{status}{_host}:{SafeText.Show(Place())}$ ", _output);
        Show();
    }

    /// <summary>The directory as shells show it.</summary>
    private string Place()
    {
        if (Directory is null || Directory == _home)
            return "~";
        return _home is { Length: > 1 } && Directory.StartsWith(_home + "/", StringComparison.Ordinal) ? "~" + Directory[_home.Length..] : Directory;
    }

    private void Show()
    {
        if (_isShowing || _output.WrittenCount == 0)
            return;
        _isShowing = true;
        session.Show(this);
    }
}
