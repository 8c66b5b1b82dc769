using System.Text;
using Sallyport.Ssh.Channels;
using Sallyport.Ssh.Commands;
using Sallyport.Ssh.Recording;
using Sallyport.Ssh.Shell;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Session;

/// <content>Messages from the client (RFC 4254). All of it inside the lock.</content>
internal sealed partial class SshSession
{
    private readonly SshWriter _writer = new();

    private Step HandleClient(ReadOnlySpan<byte> message)
    {
        var reader = new SshReader(message);
        reader.TryReadMessageNumber(out var number);
        switch (number)
        {
            case MessageNumber.ChannelData:
                return TakeClientData(ref reader);
            case MessageNumber.ChannelWindowAdjust:
                return Widen(isClient: true, ref reader);
            case MessageNumber.ChannelEof:
                return TakeEof(isClient: true, ref reader);
            case MessageNumber.ChannelClose:
                return TakeClose(isClient: true, ref reader);
            case MessageNumber.ChannelRequest:
                return TakeClientRequest(ref reader);
            case MessageNumber.ChannelOpen:
                return TakeClientOpen(ref reader);
            case MessageNumber.GlobalRequest:
                return TakeClientGlobalRequest(ref reader);
            case MessageNumber.ChannelOpenConfirmation or MessageNumber.ChannelOpenFailure:
                return TakeOpenAnswer(isClient: true, number, ref reader);
            case MessageNumber.ChannelSuccess or MessageNumber.ChannelFailure:
                // Nothing that is passed on from the target wants a reply.
                return Break(isClient: true, "a reply to no request");
            default:
                return Break(isClient: true, $"message {(byte)number} where a channel's was due");
        }
    }

    private Step TakeClientData(ref SshReader reader)
    {
        if (!TryFind(ref reader, out var channel) || !reader.TryReadString(out var data) || !reader.IsAtEnd)
            return Break(isClient: true, "data of an unknown channel");
        if ((uint)data.Length > channel.Client.OwnWindow)
            return Break(isClient: true, "more data than the window allows");
        // Servers that keep it would give it to what runs later, and nobody would have looked at it.
        if (channel is { Kind: ChannelKind.Session, Use: ChannelUse.None })
            return Break(isClient: true, "data where nothing runs");
        if (channel.Client.HasEnded)
            return channel.Client.TryTake(data.Length) ? Step.Done : Break(isClient: true, "a message of data that is too long");
        if (RecordsInput(channel) && TryRecord(RecordKind.Input, channel, ChannelStream.Data, data) is var step and not Step.Done)
            return step;
        if (!channel.Client.TryTake(data.Length))
            return Break(isClient: true, "a message of data that is too long");
        // Ctrl-C at a terminal takes back what waits for approval; the shell that it would go to is not there yet.
        if (channel.HasPty && (channel.Use == ChannelUse.Deciding || channel.Filter is CommandShell) && data.Contains(CommandShell.CtrlC))
            channel.TakeBack();
        if (channel.Use != ChannelUse.Ended)
            PassClientData(channel, data);
        Owe(channel, channel.ToUpstream, data.Length);
        return Step.Done;
    }

    /// <summary>What runs there decides through what it goes; while that is being decided, it waits as it is.</summary>
    private static void PassClientData(Channel channel, ReadOnlySpan<byte> data)
    {
        channel.Hints?.Typed(data);
        if (channel.HasPty)
            channel.Masks?.Credit(data);
        if (channel.Filter is { } filter)
            filter.FromClient(data);
        else
            channel.ToUpstream.SendData(0, data);
    }

    private static void PassClientEof(Channel channel)
    {
        if (channel.Filter is { } filter)
            filter.EofFromClient();
        else
            channel.ToUpstream.Send(MessageNumber.ChannelEof, []);
    }

    private bool RecordsInput(Channel channel) =>
        Resource.RecordsInput && channel is { Kind: ChannelKind.Session, RecordsBytes: true, Use: ChannelUse.Running or ChannelUse.Deciding };

    private Step TakeClientOpen(ref SshReader reader)
    {
        if (!reader.TryReadString(out var type) || !reader.TryReadUInt32(out var number) || !reader.TryReadUInt32(out var window) ||
            !reader.TryReadUInt32(out var maxPacket) || maxPacket == 0)
            return Break(isClient: true, "a malformed CHANNEL_OPEN");
        if (type.SequenceEqual("session"u8) && reader.IsAtEnd)
        {
            if (TryAdd(ChannelKind.Session) is not { } channel)
                return RefuseOpen(number, ResourceShortage, "too many channels");
            channel.Client.Open(number, window, maxPacket);
            Note(new ChannelEvent("channel_opened") { Channel = channel.Number, Kind = "session" });
            AskToOpen(channel, channel.ToUpstream, "session"u8, []);
            return Step.Done;
        }
        if (type.SequenceEqual("direct-tcpip"u8))
            return TakeDirectTcpIp(number, window, maxPacket, ref reader);
        Note(new ChannelEvent("channel_refused") { Kind = Shown(type), Detail = "this kind of channel is not passed on" });
        return RefuseOpen(number, type.StartsWith("direct-streamlocal"u8) || type.StartsWith("tun@"u8) ? AdministrativelyProhibited : UnknownChannelType,
            "not permitted by the gateway");
    }

    private Step RefuseOpen(uint number, uint reason, string text)
    {
        SendOrKeep(_client, new SshWriter().Begin(MessageNumber.ChannelOpenFailure).UInt32(number).UInt32(reason).String(text).String(""));
        return Step.Done;
    }

    private Step TakeClientRequest(ref SshReader reader)
    {
        if (!TryFind(ref reader, out var channel) || !reader.TryReadString(out var name) || !reader.TryReadBoolean(out var wantsReply))
            return Break(isClient: true, "a malformed CHANNEL_REQUEST");
        if (channel.Use == ChannelUse.Ended || channel.Client.HasReceivedClose)
            return Step.Done;
        if (channel.ClientReplies.IsCrowded || channel.ToUpstream.IsCrowded || channel.ToClient.IsCrowded)
            return Break(isClient: true, "too many requests at a time");
        if (channel.Kind != ChannelKind.Session)
            return RefuseRequest(channel, name, wantsReply, "requests are for session channels");
        var rest = reader.Rest;
        switch (Encoding.ASCII.GetString(name.Length > 64 ? [] : name))
        {
            case "exec" when reader.TryReadString(out var line) && reader.IsAtEnd:
                return Run(channel, new RunRequest("exec", line.ToArray(), wantsReply));
            case "shell" when reader.IsAtEnd:
                return Run(channel, new RunRequest("shell", [], wantsReply));
            case "subsystem" when reader.TryReadString(out var subsystem) && reader.IsAtEnd:
                return Run(channel, new RunRequest("subsystem", subsystem.ToArray(), wantsReply));
            case "pty-req" when reader.TryReadString(out var terminal) && reader.TryReadUInt32(out var columns) && reader.TryReadUInt32(out var rows):
                if (!_restrictions.PermitsPty)
                    return RefuseRequest(channel, name, wantsReply, "the certificate does not permit a terminal");
                channel.HasPty = true;
                Note(new ChannelEvent("pty") { Channel = channel.Number, Terminal = Shown(terminal), Columns = columns, Rows = rows });
                return PassRequest(channel, name, wantsReply, rest);
            case "window-change" when reader.TryReadUInt32(out var columns) && reader.TryReadUInt32(out var rows):
                Note(new ChannelEvent("resize") { Channel = channel.Number, Columns = columns, Rows = rows });
                return PassRequest(channel, name, wantsReply, rest);
            case "env" when reader.TryReadString(out var variable) && reader.TryReadString(out var value):
                if (!MayPass(variable))
                    return RefuseRequest(channel, name, wantsReply, $"the variable {Shown(variable)} could change what a permitted command does");
                Note(new ChannelEvent("env") { Channel = channel.Number, Name = Shown(variable), Value = Shown(value) });
                return PassRequest(channel, name, wantsReply, rest);
            case "signal" when reader.TryReadString(out var signal):
                Note(new ChannelEvent("signal") { Channel = channel.Number, Signal = Shown(signal) });
                return PassRequest(channel, name, wantsReply, rest);
            case "break" or "eow@openssh.com" or "xon-xoff":
                return PassRequest(channel, name, wantsReply, rest);
            default:
                return RefuseRequest(channel, name, wantsReply, "this request is not passed on");
        }
    }

    /// <summary>Locale, terminal and time zone: what shows, not what runs (THREATS 47).</summary>
    private static bool MayPass(ReadOnlySpan<byte> variable) =>
        variable.SequenceEqual("LANG"u8) || variable.StartsWith("LC_"u8) || variable.SequenceEqual("TERM"u8) || variable.SequenceEqual("COLORTERM"u8) ||
        variable.SequenceEqual("TZ"u8);

    private Step PassRequest(Channel channel, ReadOnlySpan<byte> name, bool wantsReply, ReadOnlySpan<byte> rest)
    {
        channel.Settings.Learn(name, rest);
        if (channel.Filter is CommandShell shell)
            return TakeShellRequest(shell, name, wantsReply, rest);
        channel.ToUpstream.Send(MessageNumber.ChannelRequest, _writer.Clear().String(name).Boolean(wantsReply).Bytes(rest).Written);
        if (wantsReply)
            channel.ClientReplies.Ask(channel.ClientReplies.Expect(isWanted: true));
        return Step.Done;
    }

    private Step RefuseRequest(Channel channel, ReadOnlySpan<byte> name, bool wantsReply, string why)
    {
        Note(new ChannelEvent("request_refused") { Channel = channel.Number, Request = Shown(name), Detail = why });
        if (wantsReply)
            channel.ClientReplies.Answer(channel.ClientReplies.Expect(isWanted: true), MessageNumber.ChannelFailure);
        return Step.Done;
    }
}
