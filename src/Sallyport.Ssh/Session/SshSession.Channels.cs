using Sallyport.Ssh.Channels;
using Sallyport.Ssh.Recording;
using Sallyport.Ssh.Shell;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Session;

/// <content>The table of channels, and what is the same in both directions: windows, data, ends.</content>
internal sealed partial class SshSession
{
    /// <summary>RFC 4254 §5.1.</summary>
    private const uint AdministrativelyProhibited = 1;

    private const uint ConnectFailed = 2;
    private const uint UnknownChannelType = 3;
    private const uint ResourceShortage = 4;

    private readonly List<Channel?> _channels = [];
    private uint _nextNumber;

    private Channel? TryAdd(ChannelKind kind)
    {
        var index = _channels.IndexOf(null);
        if (index < 0)
        {
            if (_channels.Count >= _services.Options.MaxChannels)
                return null;
            index = _channels.Count;
            _channels.Add(null);
        }
        return _channels[index] = new Channel(index, _nextNumber++, kind, _client, _upstream, Settle);
    }

    /// <summary>A channel that both sides have; before that nobody knows its number who has not guessed it.</summary>
    private bool TryFind(ref SshReader reader, out Channel channel) =>
        TryFindOpening(ref reader, out channel) && channel is { Client.IsOpen: true, Upstream.IsOpen: true };

    private bool TryFindOpening(ref SshReader reader, out Channel channel)
    {
        channel = null!;
        if (!reader.TryReadUInt32(out var number) || number >= (uint)_channels.Count || _channels[(int)number] is not { } found)
            return false;
        channel = found;
        return true;
    }

    /// <summary>WINDOW_ADJUST.</summary>
    private Step Widen(bool isClient, ref SshReader reader)
    {
        if (!TryFind(ref reader, out var channel) || !reader.TryReadUInt32(out var bytes))
            return Break(isClient, "WINDOW_ADJUST of an unknown channel");
        var flow = isClient ? channel.ToClient : channel.ToUpstream;
        if (!flow.End.TryWiden(bytes))
            return Break(isClient, "WINDOW_ADJUST beyond 2^32 - 1");
        flow.Drain();
        return Step.Done;
    }

    private Step TakeEof(bool isClient, ref SshReader reader)
    {
        if (!TryFind(ref reader, out var channel))
            return Break(isClient, "EOF of an unknown channel");
        var near = isClient ? channel.Client : channel.Upstream;
        // Lines have channels of their own, whose output the shell's client is still to see.
        if (channel.Use == ChannelUse.Ended || near.HasEnded || (!isClient && channel.Filter is CommandShell))
            return Step.Done;
        if (!isClient && ReleaseAll(channel) is var step and not Step.Done)
            return step;
        near.HasReceivedEof = true;
        Note(new ChannelEvent("eof") { Channel = channel.Number, Side = isClient ? "client" : "upstream" });
        if (isClient)
            PassClientEof(channel);
        else
            channel.ToClient.Send(MessageNumber.ChannelEof, []);
        return Step.Done;
    }

    private Step TakeClose(bool isClient, ref SshReader reader)
    {
        if (!TryFind(ref reader, out var channel))
            return Break(isClient, "CLOSE of an unknown channel");
        var (near, far) = isClient ? (channel.ToClient, channel.ToUpstream) : (channel.ToUpstream, channel.ToClient);
        if (near.End.HasReceivedClose)
            return Break(isClient, "CLOSE twice on one channel");
        if (!isClient && channel is { Filter: CommandShell shell, Use: ChannelUse.Running, Client.HasReceivedClose: false })
            return TakeShellClose(shell);
        if (!isClient && ReleaseAll(channel) is var step and not Step.Done)
            return step;
        near.End.HasReceivedClose = true;
        // Nobody reads there any more, and nobody will widen the window.
        near.Drop();
        if (isClient)
        {
            channel.TakeBack();
            (channel.Filter as CommandShell)?.End();
            if (far.IsHeld)
                far.Drop();
        }
        else
        {
            channel.Filter?.End();
        }
        if (far.End.IsOpen)
            far.Send(MessageNumber.ChannelClose, []);
        if (!far.End.IsOpen || far.End.HasReceivedClose)
            near.Send(MessageNumber.ChannelClose, []);
        ForgetIfOver(channel);
        return Step.Done;
    }

    /// <summary>Before the end of a channel's output, what masks hold back of it.</summary>
    private Step ReleaseAll(Channel channel)
    {
        if (channel.Masks is not { } masks)
            return Step.Done;
        var step = FinishRelease(channel, masks);
        if (step == Step.Done && masks.IsHolding)
            step = TryRelease(channel, masks, 0);
        return step == Step.Done && masks.IsHolding ? TryRelease(channel, masks, 1) : step;
    }

    /// <summary>Called by a flow that has sent all it had.</summary>
    private void Settle(Channel channel, Flow flow)
    {
        // What waits in a filter came from the client, and says nothing about the other direction.
        var isWaiting = channel.Filter is { IsWaiting: true } && ReferenceEquals(flow, channel.ToUpstream);
        if (flow.Owed > 0 && !isWaiting)
            Credit(channel, flow);
        if (ReferenceEquals(flow, channel.ToClient))
            channel.Filter?.Drained();
        ForgetIfOver(channel);
    }

    /// <summary>The sender of what this flow has passed on may send more. Told when it is worth a message.</summary>
    private void Credit(Channel channel, Flow flow)
    {
        var sender = channel.TowardsSenderOf(flow);
        if (flow.Owed < ChannelEnd.Window / 4 || sender.End.HasSentClose || !sender.End.IsOpen)
            return;
        sender.End.Credit(flow.Owed);
        Span<byte> message = stackalloc byte[9];
        message[0] = (byte)MessageNumber.ChannelWindowAdjust;
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(message[1..], sender.End.PeerNumber);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(message[5..], flow.Owed);
        flow.Owed = 0;
        sender.Leg.Transport.Post(message);
    }

    /// <summary>Data has come and was handed on: what is to be credited, if nothing of it waits.</summary>
    private void Owe(Channel channel, Flow flow, int bytes)
    {
        flow.Owed += (uint)bytes;
        if (flow.IsEmpty && !flow.IsHeld)
            Settle(channel, flow);
    }

    private void ForgetIfOver(Channel channel)
    {
        if (channel.IsOver)
            Forget(channel);
    }

    private void Forget(Channel channel)
    {
        if (_channels[channel.Index] != channel)
            return;
        _channels[channel.Index] = null;
        channel.Filter?.End();
        channel.Filter?.Dispose();
        Note(new ChannelEvent("channel_closed")
        {
            Channel = channel.Number,
            BytesRead = channel.ToClient.BytesSent,
            BytesWritten = channel.ToUpstream.BytesSent,
            Masked = channel.Masks?.MaskedBytes,
            Found = channel.Masks is { Found: not Detectors.None } masks ? masks.Found.ToString().ToLowerInvariant() : null,
        });
    }

    private static void AskToOpen(Channel channel, Flow flow, ReadOnlySpan<byte> type, ReadOnlySpan<byte> rest)
    {
        flow.End.IsOpening = true;
        SendOrKeep(flow.Leg, new SshWriter().Begin(MessageNumber.ChannelOpen).String(type).UInt32((uint)channel.Index).UInt32(ChannelEnd.Window)
            .UInt32(ChannelEnd.MaxPacket).Bytes(rest));
    }

    /// <summary>Messages that belong to no channel: small and few, so they may go by the outbox.</summary>
    private static void SendOrKeep(Leg leg, SshWriter message) => leg.Transport.Post(message.Written);
}
