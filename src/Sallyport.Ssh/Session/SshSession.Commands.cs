using System.Text;
using Sallyport.Ssh.Channels;
using Sallyport.Ssh.Commands;
using Sallyport.Ssh.Recording;
using Sallyport.Ssh.Shell;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Session;

/// <content>What runs on a session channel: decided before the target hears of it.</content>
internal sealed partial class SshSession
{
    /// <summary>As a shell says that it cannot execute a command.</summary>
    public const uint RefusedStatus = 126;

    private SshAsked Ask(SshFacts facts, string text, Channel? channel) => Ask(facts, Encoding.UTF8.GetBytes(text), channel);

    private SshAsked Ask(SshFacts facts, ReadOnlyMemory<byte> text, Channel? channel) => _gate.Judge(new SshAsked(text, facts, Undecided, channel));

    private static Decision Undecided { get; } = new(DecisionKind.Deny, Decision.NoRule);

    private async ValueTask<Passage<SshAsked, string>> PassAsync(SshAsked asked)
    {
        if (_services.Identity.IsLive(Session.Principal))
            return await _gate.PassAsync(asked, CommandFlags.None);
        End(SessionEnd.ProofExpired, "the proof of identity expired or was revoked", "your proof of identity expired or was revoked");
        return new Passage<SshAsked, string> { IsOver = true };
    }

    /// <summary>Inside the lock: has the channel wait, and decides beside it.</summary>
    private Step Run(Channel channel, RunRequest request)
    {
        if (channel.Use != ChannelUse.None)
            return RefuseRequest(channel, Encoding.ASCII.GetBytes(request.Name), request.WantsReply, "something runs on this channel already");
        channel.Use = ChannelUse.Deciding;
        // A certificate's command runs whatever is asked for; what was asked for is in the record.
        if (_restrictions.ForceCommand is { } forced)
        {
            Note(new ChannelEvent("command_forced") { Channel = channel.Number, Request = request.Name, Detail = Shown(request.Argument) });
            // sshd's own name for what it does itself: targets have no program of it.
            request = forced == "internal-sftp"
                ? new RunRequest("subsystem", "sftp"u8.ToArray(), request.WantsReply)
                : new RunRequest("exec", Encoding.UTF8.GetBytes(forced), request.WantsReply);
        }
        var facts = request.Read(Resource.Shell);
        channel.RecordsBytes = !facts.CarriesFiles && !facts.SpeaksSftp;
        // All that comes after it waits behind it, so that its reply's place is this one on both legs.
        channel.ToUpstream.Hold();
        var reply = channel.ClientReplies.Expect(request.WantsReply);
        channel.ClientReplies.Ask(reply, (isDone, _) => AfterReply(channel, reply, isDone));
        Start(() => RunAsync(channel, request, facts, reply));
        return Step.Done;
    }

    private async Task RunAsync(Channel channel, RunRequest request, SshFacts facts, ReplyQueue.Expected reply)
    {
        var asked = Ask(facts, request.Text, channel) with
        {
            Read = request.IsExec ? text => ExecReader.Read(text.Span, Resource.Shell) : null,
            Waits = () =>
            {
                // The client's reply does not wait for people, or clients that are in a hurry would give up.
                lock (_sync)
                    channel.ClientReplies.Answer(reply, MessageNumber.ChannelSuccess);
            },
        };
        // Opening SFTP does nothing by itself: each of its operations is decided. Nothing else goes past the gate.
        var isOpening = ReferenceEquals(facts, SshFacts.SftpSubsystem);
        var passage = isOpening ? new Passage<SshAsked, string> { Command = asked } : await PassAsync(asked);
        if (passage.IsOver)
            return;
        if (passage.Refusal is { } refusal)
        {
            await RefuseRunAsync(channel, request, asked, reply, refusal);
            return;
        }
        var command = passage.Command!;
        lock (_sync)
        {
            if (channel.Use != ChannelUse.Deciding || channel.Client.HasReceivedClose)
                return;
            channel.Use = ChannelUse.Running;
            channel.RecordsBytes = !command.Facts.CarriesFiles && !command.Facts.SpeaksSftp;
            Note(new ChannelEvent("command")
            {
                Channel = channel.Number,
                Request = request.Kind,
                Command = isOpening ? null : command.Recorded.Value,
            });
            if (request.Name == "shell" && command.Verdict.IsCommandMode)
            {
                BeginShell(channel, reply);
                return;
            }
            channel.Hints = request.Name == "shell" ? new LineHints(channel.HasPty, NoteHint(channel)) : null;
            channel.Filter = FilterFor(channel, command.Facts);
            channel.Masks = channel.RecordsBytes ? Masks() : null;
            var line = passage.IsModified ? command.Text.Span : request.Argument;
            Begin(channel, request, line);
        }
    }

    private void Begin(Channel channel, RunRequest request, ReadOnlySpan<byte> line)
    {
        var writer = new SshWriter().String(request.Name).Boolean(true);
        if (request.Name != "shell")
            writer.String(line);
        var waiting = channel.ToUpstream.Release();
        channel.ToUpstream.Send(MessageNumber.ChannelRequest, writer.Written);
        PassWaiting(channel, waiting);
    }

    /// <summary>What the client sent while it was decided.</summary>
    private void PassWaiting(Channel channel, IReadOnlyList<Flow.Item> waiting)
    {
        foreach (var item in waiting)
        {
            if (item.IsData)
                PassClientData(channel, item.Bytes);
            else if (item.Number == MessageNumber.ChannelEof)
                PassClientEof(channel);
            else
                channel.ToUpstream.Send(item.Number, item.Bytes);
        }
        Settled(channel);
    }

    /// <summary>A hold waits on a channel, or waits no more. The client may have taken it back before there was one.</summary>
    public void Held(Channel channel, CancellationTokenSource? withdraw)
    {
        lock (_sync)
        {
            channel.Withdraw = withdraw;
            if (channel.IsTakenBack)
                channel.TakeBack();
        }
    }

    /// <summary>The target refuses what the client believes to be running.</summary>
    private void AfterReply(Channel channel, ReplyQueue.Expected reply, bool isDone)
    {
        if (!isDone && (reply.IsMadeHere || !reply.IsWanted))
            Start(() => FinishHereAsync(channel, "the target refused to run it"));
    }

    private async Task RefuseRunAsync(Channel channel, RunRequest request, SshAsked asked, ReplyQueue.Expected reply, string refusal)
    {
        lock (_sync)
        {
            if (channel.Client.HasReceivedClose)
                return;
            Note(new ChannelEvent("request_refused") { Channel = channel.Number, Request = request.Kind, Command = asked.Recorded.Value });
            // A failure would show as nothing but "request failed": the client is given a command that says why, and ends.
            channel.ClientReplies.Answer(reply, MessageNumber.ChannelSuccess);
        }
        await FinishHereAsync(channel, refusal);
    }

    /// <summary>Ends a channel as a command of the gateway's own would: a line on stderr, exit status 126.</summary>
    private async Task FinishHereAsync(Channel channel, string words)
    {
        await SayAsync(channel, words);
        lock (_sync)
            FinishHere(channel, RefusedStatus);
    }

    /// <summary>Ends a channel with an exit status of the gateway's own. Inside the lock.</summary>
    public void FinishHere(Channel channel, uint status)
    {
        if (channel.Use == ChannelUse.Ended)
            return;
        channel.Use = ChannelUse.Ended;
        Note(new ChannelEvent("exit_status") { Channel = channel.Number, Status = status, Side = "gateway" });
        channel.ToClient.Send(MessageNumber.ChannelRequest, new SshWriter().String("exit-status").Boolean(false).UInt32(status).Written);
        channel.ToClient.Send(MessageNumber.ChannelEof, []);
        channel.ToClient.Send(MessageNumber.ChannelClose, []);
        channel.ToUpstream.Drop();
        channel.ToUpstream.Send(MessageNumber.ChannelClose, []);
        ForgetIfOver(channel);
    }

    /// <summary>The masks in force, and the gateway's own password at the target, which an echo must not show.</summary>
    private OutputMasks? Masks()
    {
        var detectors = _services.Decider.MasksFor(Session.Principal, Resource).Detectors;
        using var password = Resource.Password?.Open();
        byte[][] secrets = password is null ? [] : [password.Value.ToArray()];
        return _services.Maskers.Create(detectors, secrets) is { } output ? new OutputMasks(output, _services.Maskers.Create(detectors, secrets)!) : null;
    }

    private SftpFilter? FilterFor(Channel channel, SshFacts facts) => facts.SpeaksSftp ? new SftpFilter(this, channel) : null;
}
