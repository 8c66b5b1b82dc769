using Sallyport.Ssh.Channels;
using Sallyport.Ssh.Sftp;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Session;

/// <summary>SFTP on a channel: each operation of the client's is decided before the target sees it, and refused ones are answered here.</summary>
internal sealed class SftpFilter(SshSession session, Channel channel) : ChannelFilter
{
    private readonly SftpInspector _inspector = new();
    private readonly WaitingInput _waiting = new();
    private bool _isDeciding;
    private bool _hasEof;
    private bool _isBroken;
    private bool _isOver;

    /// <summary>Who does not read the answers that are made here gets no credit for more requests.</summary>
    public override bool IsWaiting => IsBehind || !channel.ToClient.IsEmpty;

    private bool IsBehind => _isDeciding || !_waiting.IsEmpty;

    public override void FromClient(ReadOnlySpan<byte> data)
    {
        if (IsBehind)
            _waiting.Add(data);
        else
            _waiting.Add(data[Take(data)..]);
    }

    public override void EofFromClient()
    {
        _hasEof = true;
        if (!IsBehind)
            channel.ToUpstream.Send(MessageNumber.ChannelEof, []);
    }

    public override void FromUpstream(uint type, ReadOnlySpan<byte> data)
    {
        if (type != 0)
        {
            channel.ToClient.SendData(type, data);
            return;
        }
        Answer(data);
    }

    public override void Drained() => session.Settled(channel);

    public override void End()
    {
        _isOver = true;
        _inspector.End();
        NoteTransfers();
    }

    protected override void Dispose(bool disposing)
    {
        _inspector.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>The operation that waited was decided.</summary>
    /// <param name="refusal">Null when it passes.</param>
    public void Decided(string? refusal)
    {
        _isDeciding = false;
        if (_isOver || _inspector.Pending is null)
            return;
        if (refusal is null)
            _inspector.Permit();
        else
            _inspector.Refuse(refusal);
        _waiting.Take(Take(_waiting.Span));
        if (_hasEof)
            EofFromClient();
        session.Settled(channel);
    }

    /// <summary>Takes requests up to one that must be decided; says how many bytes that were.</summary>
    private int Take(ReadOnlySpan<byte> data)
    {
        var rest = data;
        while (true)
        {
            var step = _inspector.NextRequest(rest, out var consumed, out var forward);
            rest = rest[consumed..];
            if (step == SftpStep.Forward)
            {
                channel.ToUpstream.SendData(0, forward);
                continue;
            }
            if (step == SftpStep.Decide)
            {
                _isDeciding = true;
                session.DecideSftp(channel, this, _inspector.Pending!);
            }
            else if (step == SftpStep.Broken)
            {
                Break();
                rest = [];
            }
            break;
        }
        Answer([]);
        NoteTransfers();
        return data.Length - rest.Length;
    }

    private void Answer(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty || _inspector.HasAnswers)
        {
            var step = _inspector.NextAnswer(data, out var consumed, out var forward);
            data = data[consumed..];
            if (step == SftpStep.Broken)
            {
                Break();
                return;
            }
            if (step == SftpStep.Forward)
                channel.ToClient.SendData(0, forward);
            else
                break;
        }
        NoteTransfers();
    }

    /// <summary>Both directions meet one fault.</summary>
    private void Break()
    {
        if (!_isBroken)
            session.EndChannel(channel, _inspector.Fault!);
        _isBroken = true;
    }

    private void NoteTransfers()
    {
        while (_inspector.TryTakeTransfer(out var transfer))
            session.NoteTransfer(channel, transfer!);
    }
}
