using System.Buffers;
using Sallyport.Ssh.Channels;
using Sallyport.Ssh.Sftp;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Session;

/// <summary>SFTP on a channel: each operation of the client's is decided before the target sees it, and refused ones are answered here.</summary>
internal sealed class SftpFilter(SshSession session, Channel channel) : ChannelFilter
{
    private readonly SftpInspector _inspector = new();
    private readonly ArrayBufferWriter<byte> _waiting = new();
    private bool _isDeciding;
    private bool _hasEof;
    private bool _isBroken;

    public override bool IsWaiting => _waiting.WrittenCount > 0 || _isDeciding;

    public override void FromClient(ReadOnlySpan<byte> data)
    {
        if (IsWaiting)
            _waiting.Write(data);
        else
            Take(data);
    }

    public override void EofFromClient()
    {
        _hasEof = true;
        if (!IsWaiting)
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

    public override void End()
    {
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
        if (_inspector.Pending is null)
            return;
        if (refusal is null)
            _inspector.Permit();
        else
            _inspector.Refuse(refusal);
        var rest = _waiting.WrittenSpan.ToArray();
        _waiting.ResetWrittenCount();
        Take(rest);
        if (_hasEof)
            EofFromClient();
        session.Settled(channel);
    }

    private void Take(ReadOnlySpan<byte> data)
    {
        while (true)
        {
            var step = _inspector.NextRequest(data, out var consumed, out var forward);
            data = data[consumed..];
            switch (step)
            {
                case SftpStep.Forward:
                    channel.ToUpstream.SendData(0, forward);
                    continue;
                case SftpStep.Decide:
                    _waiting.Write(data);
                    _isDeciding = true;
                    session.DecideSftp(channel, this, _inspector.Pending!);
                    break;
                case SftpStep.Broken:
                    Break();
                    break;
            }
            break;
        }
        Answer([]);
        NoteTransfers();
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
