using System.Security.Cryptography;
using Sallyport.Ssh.Channels;
using Sallyport.Ssh.Commands;
using Sallyport.Ssh.Recording;
using Sallyport.Ssh.Shell;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Session;

/// <content>Shells in command mode: each line is decided as an exec, and has a channel of its own at the target.</content>
internal sealed partial class SshSession
{
    /// <summary>Our numbers for lines lie above those of the client's channels, so that the client cannot speak to them.</summary>
    private const uint FirstLine = 1 << 16;

    /// <summary>As ssh says that the connection was lost.</summary>
    private const uint LostStatus = 255;

    private readonly Dictionary<uint, LineRun> _lines = [];
    private uint _nextLine = FirstLine;

    /// <summary>The channel's own end at the target stays idle: it has the terminal that the client asked for, and nothing runs there.</summary>
    private void BeginShell(Channel channel, ReplyQueue.Expected reply)
    {
        channel.ClientReplies.AnswerInstead(reply, MessageNumber.ChannelSuccess);
        if (Resource.Shell == TargetShell.Other)
        {
            Start(() => FinishHereAsync(channel, "shells are in command mode here, and the target has no POSIX shell to run lines in"));
            return;
        }
        var shell = new CommandShell(this, channel);
        channel.Filter = shell;
        shell.Begin();
        PassWaiting(channel, channel.ToUpstream.Release());
    }

    private static Step TakeShellRequest(CommandShell shell, ReadOnlySpan<byte> name, bool wantsReply, ReadOnlySpan<byte> rest)
    {
        var isDone = shell.TakeRequest(name, rest);
        if (wantsReply)
        {
            var replies = shell.Channel.ClientReplies;
            replies.Answer(replies.Expect(isWanted: true), isDone ? MessageNumber.ChannelSuccess : MessageNumber.ChannelFailure);
        }
        return Step.Done;
    }

    /// <summary>Has what the shell shows recorded and sent, in its order.</summary>
    public void Show(CommandShell shell) => Start(() => ShowAsync(shell));

    private async Task ShowAsync(CommandShell shell)
    {
        var head = new byte[ChannelRecord.HeadSize];
        ChannelRecord.WriteHead(head, shell.Channel.Number, ChannelStream.Data);
        while (true)
        {
            byte[] output;
            lock (_sync)
            {
                output = shell.TakeOutput();
                if (output.Length == 0)
                {
                    shell.Shown();
                    return;
                }
            }
            if (!await AppendAsync(RecordKind.Answer, head, output))
                return;
            lock (_sync)
                shell.Channel.ToClient.SendData(0, output);
        }
    }

    /// <summary>Has the shell go on, by and by: who calls may be anywhere, and nobody may come after him.</summary>
    public void Resume(CommandShell shell) => _ = ResumeAsync(shell);

    private async Task ResumeAsync(CommandShell shell)
    {
        await Task.Yield();
        await WorkAsync(() =>
        {
            lock (_sync)
                shell.Go();
            return Task.CompletedTask;
        });
    }

    public void RunLine(CommandShell shell, byte[] line)
    {
        shell.Channel.IsTakenBack = false;
        Start(() => RunLineAsync(shell, line));
    }

    private async Task RunLineAsync(CommandShell shell, byte[] line)
    {
        var channel = shell.Channel;
        var asked = Ask(ExecReader.Read(line, Resource.Shell), line, channel) with { Read = text => ExecReader.Read(text.Span, Resource.Shell) };
        var passage = await PassAsync(asked);
        if (passage.IsOver)
            return;
        var refusal = passage.Refusal;
        // Nobody would look at what they are asked, and files are no text.
        if (passage.Command is { Facts: { CarriesFiles: true } or { SpeaksSftp: true } })
            refusal = "files are not carried in command mode: use scp, sftp, rsync or git from your side";
        if (refusal is not null)
            await SayAsync(channel, refusal);
        lock (_sync)
        {
            if (channel.Use != ChannelUse.Running || channel.Client.HasReceivedClose)
                return;
            if (refusal is null)
            {
                Run(shell, passage.Command!);
                return;
            }
            Note(new ChannelEvent("request_refused") { Channel = channel.Number, Request = "line", Command = asked.Recorded.Value });
            shell.Finished(RefusedStatus);
        }
    }

    private void Run(CommandShell shell, SshAsked line)
    {
        var channel = shell.Channel;
        var nonce = LineWrapper.MayMove(line.Facts) ? RandomNumberGenerator.GetHexString(32, lowercase: true) : null;
        var flow = new Flow(_upstream, new ChannelEnd { IsOpening = true }, _ => Settled(channel));
        var run = new LineRun(_nextLine++, line.Recorded.Value, shell, flow, nonce is null ? null : new DirectoryTrailer(nonce));
        _lines.Add(run.Number, run);
        Note(new ChannelEvent("command") { Channel = channel.Number, Request = "line", Command = run.Command });
        SendOrKeep(_upstream, new SshWriter().Begin(MessageNumber.ChannelOpen).String("session").UInt32(run.Number).UInt32(ChannelEnd.Window)
            .UInt32(ChannelEnd.MaxPacket));
        foreach (var request in channel.Settings.Requests())
            flow.Send(MessageNumber.ChannelRequest, request);
        flow.Send(MessageNumber.ChannelRequest,
            new SshWriter().String("exec").Boolean(true).String(LineWrapper.Wrap(line.Text.Span, shell.Directory, nonce)).Written);
        channel.Masks = Masks();
        shell.Started(run);
    }

    private bool TryFindLine(SshReader reader, out LineRun line)
    {
        line = null!;
        return reader.TryReadUInt32(out var number) && _lines.TryGetValue(number, out line!);
    }

    private Step HandleLine(LineRun line, MessageNumber number, ref SshReader reader)
    {
        reader.TryReadUInt32(out _);
        var end = line.ToUpstream.End;
        if (!end.IsOpen && number is not (MessageNumber.ChannelOpenConfirmation or MessageNumber.ChannelOpenFailure))
            return Break(isClient: false, "a message on the channel of a line that was not confirmed");
        switch (number)
        {
            case MessageNumber.ChannelOpenConfirmation when end.IsOpening && reader.TryReadUInt32(out var peer) &&
                reader.TryReadUInt32(out var window) && reader.TryReadUInt32(out var maxPacket) && maxPacket > 0:
                end.Open(peer, window, maxPacket);
                line.ToUpstream.Drain();
                return Step.Done;
            case MessageNumber.ChannelOpenFailure when end.IsOpening && reader.TryReadUInt32(out _) && reader.TryReadString(out var why):
                line.Fault = $"the target opens no channel for it: {Shown(why)}";
                return EndLine(line);
            case MessageNumber.ChannelData when reader.TryReadString(out var data) && reader.IsAtEnd:
                return TakeLineData(line, 0, data);
            case MessageNumber.ChannelExtendedData when reader.TryReadUInt32(out var type) && reader.TryReadString(out var data) && reader.IsAtEnd:
                return TakeLineData(line, type, data);
            case MessageNumber.ChannelWindowAdjust when reader.TryReadUInt32(out var bytes) && end.TryWiden(bytes):
                line.ToUpstream.Drain();
                return Step.Done;
            case MessageNumber.ChannelRequest when reader.TryReadString(out var name) && reader.TryReadBoolean(out var wantsReply):
                TakeLineRequest(line, name, wantsReply, ref reader);
                return Step.Done;
            // Nothing but the command wants a reply.
            case MessageNumber.ChannelSuccess or MessageNumber.ChannelFailure when !line.IsAnswered:
                line.IsAnswered = true;
                if (number == MessageNumber.ChannelFailure)
                {
                    line.Fault = "the target refused to run it";
                    line.ToUpstream.Send(MessageNumber.ChannelClose, []);
                }
                return Step.Done;
            case MessageNumber.ChannelEof:
                end.HasReceivedEof = true;
                return Step.Done;
            case MessageNumber.ChannelClose:
                return EndLine(line);
            default:
                return Break(isClient: false, $"message {(byte)number} on the channel of a line");
        }
    }

    private Step TakeLineData(LineRun line, uint type, ReadOnlySpan<byte> data)
    {
        if ((uint)data.Length > line.ToUpstream.End.OwnWindow || (uint)data.Length > ChannelEnd.MaxPacket)
            return Break(isClient: false, "more data than the window allows");
        if (line.ToUpstream.End.HasEnded)
            return line.ToUpstream.End.TryTake(data.Length) ? Step.Done : Break(isClient: false, "a message of data that is too long");
        if (type <= 1 && ShowOutput(line, type, line.Cut(type, data)) is var step and not Step.Done)
            return step;
        line.Taken();
        line.ToUpstream.End.TryTake(data.Length);
        if (line.Shell.Run == line)
            Owe(line.Shell.Channel, line.Shell.Channel.ToClient, data.Length);
        return Step.Done;
    }

    private Step ShowOutput(LineRun line, uint type, ReadOnlySpan<byte> data)
    {
        var channel = line.Shell.Channel;
        if (line.Shell.Run != line || channel.Use == ChannelUse.Ended || channel.Client.HasReceivedClose)
            return Step.Done;
        if (channel.Masks is { } masks)
        {
            if (FinishRelease(channel, masks) is var older and not Step.Done)
                return older;
            data = masks.Mask(type, data);
        }
        if (!data.IsEmpty && TryRecord(RecordKind.Answer, channel, (ChannelStream)type, data) is var step and not Step.Done)
            return step;
        channel.ToClient.SendData(type, data);
        line.Shell.SawOutput(data);
        Shown(channel);
        return Step.Done;
    }

    private static void TakeLineRequest(LineRun line, ReadOnlySpan<byte> name, bool wantsReply, ref SshReader reader)
    {
        if (name.SequenceEqual("exit-status"u8) && reader.TryReadUInt32(out var status))
            line.Status = status;
        else if (name.SequenceEqual("exit-signal"u8) && reader.TryReadString(out var signal))
            line.Status = SignalStatus.Of(Shown(signal));
        if (wantsReply)
            line.ToUpstream.Send(MessageNumber.ChannelFailure, []);
    }

    /// <summary>Nothing more comes of the line: shows what was held back of it, and prompts again.</summary>
    private Step EndLine(LineRun line)
    {
        var channel = line.Shell.Channel;
        if (line.Trailer is { Rest.IsEmpty: false } trailer)
        {
            if (ShowOutput(line, 0, trailer.Rest) is var held and not Step.Done)
                return held;
            trailer.Forget();
        }
        if (line.Shell.Run == line && ReleaseAll(channel) is var step and not Step.Done)
            return step;
        _lines.Remove(line.Number);
        if (line.ToUpstream.End.IsOpen)
        {
            line.ToUpstream.End.HasReceivedClose = true;
            line.ToUpstream.Drop();
            line.ToUpstream.Send(MessageNumber.ChannelClose, []);
        }
        if (line.Shell.Run != line)
            return Step.Done;
        Note(new ChannelEvent("line_ended")
        {
            Channel = channel.Number,
            Command = line.Command,
            Status = line.Status,
            Path = line.Trailer?.Directory,
            Detail = line.Fault,
            Masked = channel.Masks?.MaskedBytes,
            Found = channel.Masks is { Found: not Detectors.None } masks ? masks.Found.ToString().ToLowerInvariant() : null,
        });
        if (line is { Fault: null, Status: { } status })
            line.Shell.Finished(status, line.Trailer);
        else
            Start(() => FailLineAsync(line));
        return Step.Done;
    }

    private async Task FailLineAsync(LineRun line)
    {
        await SayAsync(line.Shell.Channel, line.Fault ?? "the target ended it without a status");
        lock (_sync)
            line.Shell.Finished(line.Fault is null ? LostStatus : RefusedStatus, line.Trailer);
    }

    /// <summary>The target closed the shell's own channel, as it may one on which nothing happens: that is the shell's end.</summary>
    private Step TakeShellClose(CommandShell shell)
    {
        shell.Channel.Upstream.HasReceivedClose = true;
        Start(async () =>
        {
            await SayAsync(shell.Channel, "the target closed the shell's channel");
            lock (_sync)
            {
                shell.End();
                FinishHere(shell.Channel, LostStatus);
            }
        });
        return Step.Done;
    }

    /// <summary>What becomes of a line that seems to have been typed into a plain shell: a note, with what observing rules would have done.</summary>
    private Action<ReadOnlyMemory<byte>, string?> NoteHint(Channel channel) => (line, doubt) =>
    {
        Note(new ChannelEvent("hint") { Channel = channel.Number, Value = line.IsEmpty ? null : Shown(line.Span), Detail = doubt });
        if (line.IsEmpty)
            return;
        var observed = Ask(ExecReader.Read(line.Span, Resource.Shell), line, channel).Verdict.Observed;
        if (!observed.IsEmpty)
            Note(new ChannelEvent("observed") { Channel = channel.Number, Detail = string.Join(", ", observed) });
    };
}
