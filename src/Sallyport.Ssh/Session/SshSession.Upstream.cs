using Sallyport.Ssh.Channels;
using Sallyport.Ssh.Recording;
using Sallyport.Ssh.Shell;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Session;

/// <content>Messages from the upstream (RFC 4254). All of it inside the lock.</content>
internal sealed partial class SshSession
{
    private static readonly TimeSpan LongestHeldOutput = TimeSpan.FromMilliseconds(30);

    private Step HandleUpstream(ReadOnlySpan<byte> message)
    {
        var reader = new SshReader(message);
        reader.TryReadMessageNumber(out var number);
        if (_lines.Count > 0 && number is >= MessageNumber.ChannelOpenConfirmation and <= MessageNumber.ChannelFailure && TryFindLine(reader, out var line))
            return HandleLine(line, number, ref reader);
        switch (number)
        {
            case MessageNumber.ChannelData:
                return TakeUpstreamData(0, ref reader);
            case MessageNumber.ChannelExtendedData:
                return TakeUpstreamData(1, ref reader);
            case MessageNumber.ChannelWindowAdjust:
                return Widen(isClient: false, ref reader);
            case MessageNumber.ChannelEof:
                return TakeEof(isClient: false, ref reader);
            case MessageNumber.ChannelClose:
                return TakeClose(isClient: false, ref reader);
            case MessageNumber.ChannelRequest:
                return TakeUpstreamRequest(ref reader);
            case MessageNumber.ChannelSuccess or MessageNumber.ChannelFailure:
                return TryFind(ref reader, out var channel) && channel.ClientReplies.TryReceive(number, number == MessageNumber.ChannelSuccess, [])
                    ? Step.Done
                    : Break(isClient: false, "a reply to no request");
            case MessageNumber.ChannelOpenConfirmation or MessageNumber.ChannelOpenFailure:
                return TakeOpenAnswer(isClient: false, number, ref reader);
            case MessageNumber.ChannelOpen:
                return TakeUpstreamOpen(ref reader);
            case MessageNumber.GlobalRequest:
                return TakeUpstreamGlobalRequest(ref reader);
            case MessageNumber.RequestSuccess or MessageNumber.RequestFailure:
                return _globalReplies.TryReceive(number, number == MessageNumber.RequestSuccess, reader.Rest)
                    ? Step.Done
                    : Break(isClient: false, "a reply to no request");
            default:
                return Break(isClient: false, $"message {(byte)number} where a channel's was due");
        }
    }

    private Step TakeUpstreamData(uint type, ref SshReader reader)
    {
        if (!TryFind(ref reader, out var channel) || (type != 0 && !reader.TryReadUInt32(out type)) || !reader.TryReadString(out var data) || !reader.IsAtEnd)
            return Break(isClient: false, "data of an unknown channel");
        if (channel.Filter is CommandShell)
            return Break(isClient: false, "data of a shell's channel, on which nothing runs");
        if ((uint)data.Length > channel.Upstream.OwnWindow)
            return Break(isClient: false, "more data than the window allows");
        // Neither masks nor the recording know yet what it would be.
        if (channel is { Kind: ChannelKind.Session, Use: ChannelUse.None or ChannelUse.Deciding })
            return Break(isClient: false, "data where nothing runs");
        if (channel.Upstream.HasEnded)
            return channel.Upstream.TryTake(data.Length) ? Step.Done : Break(isClient: false, "a message of data that is too long");
        var isShown = channel.Use != ChannelUse.Ended && !channel.Client.HasReceivedClose && type <= 1;
        var size = data.Length;
        if (isShown && channel.Masks is { } masks)
        {
            if (FinishRelease(channel, masks) is var older and not Step.Done)
                return older;
            data = masks.Mask(type, data);
        }
        if (isShown && channel is { Kind: ChannelKind.Session, RecordsBytes: true } && !data.IsEmpty &&
            TryRecord(RecordKind.Answer, channel, (ChannelStream)type, data) is var step and not Step.Done)
            return step;
        if (!channel.Upstream.TryTake(size))
            return Break(isClient: false, "a message of data that is too long");
        if (isShown)
            PassUpstreamData(channel, type, data);
        Owe(channel, channel.ToClient, size);
        return Step.Done;
    }

    private void PassUpstreamData(Channel channel, uint type, ReadOnlySpan<byte> data)
    {
        if (channel.Filter is { } filter)
            filter.FromUpstream(type, data);
        else
            channel.ToClient.SendData(type, data);
        channel.Hints?.Shown(data);
        Shown(channel);
    }

    /// <summary>A chunk of output is on its way: what masks hold back behind it goes soon.</summary>
    private void Shown(Channel channel)
    {
        if (channel.Masks is not { } masks)
            return;
        masks.Taken();
        if (masks.IsHolding && !channel.IsReleasing)
        {
            channel.IsReleasing = true;
            Start(() => ReleaseLaterAsync(channel, masks));
        }
    }

    /// <summary>The beginning of a short secret waits for the rest, but not so long that a prompt would seem to hang.</summary>
    private async Task ReleaseLaterAsync(Channel channel, OutputMasks masks)
    {
        await Task.Delay(LongestHeldOutput, _services.Time);
        channel.IsReleasing = false;
        await ReleaseAsync(channel, masks);
    }

    /// <summary>Sends what masks have held back. The other direction of the channel is not waited for.</summary>
    private async Task ReleaseAsync(Channel channel, OutputMasks masks)
    {
        for (uint type = 0; type <= 1; type++)
        {
            Step step;
            do
            {
                // A chunk that waits for room comes first: it is older.
                lock (_sync)
                    step = masks.IsPending ? Step.WaitForRoom : TryRelease(channel, masks, masks.Released ?? type);
            }
            while (step == Step.WaitForRoom && await _gate.RoomAsync());
        }
    }

    /// <summary>What was held back and found no room in the recorder.</summary>
    private Step FinishRelease(Channel channel, OutputMasks masks) => masks.Released is { } type ? TryRelease(channel, masks, type) : Step.Done;

    private Step TryRelease(Channel channel, OutputMasks masks, uint type)
    {
        var rest = masks.Release(type);
        var step = rest.IsEmpty ? Step.Done : TryRecord(RecordKind.Answer, channel, (ChannelStream)type, rest);
        if (step != Step.Done)
            return step;
        channel.ToClient.SendData(type, rest);
        masks.Taken();
        return Step.Done;
    }

    private Step TakeUpstreamRequest(ref SshReader reader)
    {
        if (!TryFind(ref reader, out var channel) || !reader.TryReadString(out var name) || !reader.TryReadBoolean(out var wantsReply))
            return Break(isClient: false, "a malformed CHANNEL_REQUEST");
        if (channel.Use == ChannelUse.Ended || channel.Upstream.HasReceivedClose)
            return Step.Done;
        if (channel.ToClient.IsCrowded || channel.ToUpstream.IsCrowded)
            return Break(isClient: false, "too many requests at a time");
        var rest = reader.Rest;
        var runs = channel is { Kind: ChannelKind.Session, Filter: not CommandShell };
        if (runs && name.SequenceEqual("exit-status"u8) && reader.TryReadUInt32(out var status))
            Note(new ChannelEvent("exit_status") { Channel = channel.Number, Status = status });
        else if (runs && name.SequenceEqual("exit-signal"u8) && reader.TryReadString(out var signal) &&
            reader.TryReadBoolean(out _) && reader.TryReadString(out var text))
            Note(new ChannelEvent("exit_signal") { Channel = channel.Number, Signal = Shown(signal), Detail = Shown(text) });
        else if (!runs || (!name.SequenceEqual("eow@openssh.com"u8) && !name.SequenceEqual("xon-xoff"u8)))
        {
            // Keepalives among them.
            if (wantsReply)
                channel.ToUpstream.Send(MessageNumber.ChannelFailure, []);
            return Step.Done;
        }
        channel.ToClient.Send(MessageNumber.ChannelRequest, _writer.Clear().String(name).Boolean(false).Bytes(rest).Written);
        return Step.Done;
    }

    /// <summary>Confirmation or failure of a channel that was asked for on this leg; the other leg's peer hears the same.</summary>
    private Step TakeOpenAnswer(bool isClient, MessageNumber number, ref SshReader reader)
    {
        if (!TryFindOpening(ref reader, out var channel))
            return Break(isClient, "an answer about an unknown channel");
        var (near, far) = isClient ? (channel.ToClient, channel.ToUpstream) : (channel.ToUpstream, channel.ToClient);
        if (!near.End.IsOpening)
            return Break(isClient, "an answer about a channel that was not asked for");
        if (number == MessageNumber.ChannelOpenFailure)
        {
            if (!reader.TryReadUInt32(out var reason) || !reader.TryReadString(out var text))
                return Break(isClient, "a malformed CHANNEL_OPEN_FAILURE");
            Note(new ChannelEvent("channel_refused") { Channel = channel.Number, Side = isClient ? "client" : "upstream", Detail = Shown(text) });
            SendOrKeep(far.Leg, new SshWriter().Begin(MessageNumber.ChannelOpenFailure).UInt32(far.End.PeerNumber).UInt32(reason)
                .String(Shown(text)).String(""));
            _channels[channel.Index] = null;
            return Step.Done;
        }
        if (!reader.TryReadUInt32(out var peer) || !reader.TryReadUInt32(out var window) || !reader.TryReadUInt32(out var maxPacket) || maxPacket == 0)
            return Break(isClient, "a malformed CHANNEL_OPEN_CONFIRMATION");
        near.End.Open(peer, window, maxPacket);
        far.Send(MessageNumber.ChannelOpenConfirmation,
            _writer.Clear().UInt32((uint)channel.Index).UInt32(ChannelEnd.Window).UInt32(ChannelEnd.MaxPacket).Written);
        return Step.Done;
    }
}
