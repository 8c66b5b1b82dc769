using System.Text;
using Sallyport.Ssh.Channels;
using Sallyport.Ssh.Commands;
using Sallyport.Ssh.Recording;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Session;

/// <content>
/// Forwarding (RFC 4254 §7): decided by destination, dialled by the target, never by the gateway (THREATS 45); and global requests.
/// </content>
internal sealed partial class SshSession
{
    private const string NoForwarding = "the certificate does not permit forwarding";

    private readonly ReplyQueue _globalReplies;

    /// <summary>Ports of the target that the client was let have: address as it was asked for, and port.</summary>
    private readonly HashSet<(string Address, uint Port)> _forwarded = [];

    private Step TakeDirectTcpIp(uint number, uint window, uint maxPacket, ref SshReader reader)
    {
        var rest = reader.Rest;
        if (!reader.TryReadString(out var host) || !reader.TryReadUInt32(out var port) || !reader.TryReadString(out _) ||
            !reader.TryReadUInt32(out _) || !reader.IsAtEnd || host.IsEmpty || !IsHost(host) || port is 0 or > 65535)
            return RefuseOpen(number, ConnectFailed, "a malformed direct-tcpip");
        if (!_restrictions.PermitsPortForwarding)
        {
            var destination = DestinationPattern.Spell(Encoding.UTF8.GetString(host), (int)port);
            Note(new ChannelEvent("channel_refused") { Kind = "direct-tcpip", Destination = destination, Detail = NoForwarding });
            return RefuseOpen(number, AdministrativelyProhibited, NoForwarding);
        }
        if (TryAdd(ChannelKind.DirectTcpIp) is not { } channel)
            return RefuseOpen(number, ResourceShortage, "too many channels");
        channel.Client.Open(number, window, maxPacket);
        var facts = SshFacts.ForwardLocal(Encoding.UTF8.GetString(host), (int)port);
        var asked = Ask(facts, $"{SshVerbs.ForwardLocal} {facts.Effects[0].Objects[0].Name}", null);
        var payload = rest.ToArray();
        Start(() => ForwardAsync(channel, asked, payload));
        return Step.Done;
    }

    private async Task ForwardAsync(Channel channel, SshAsked asked, byte[] payload)
    {
        var passage = await PassAsync(asked);
        lock (_sync)
        {
            if (passage.IsOver)
                return;
            var destination = asked.Facts.Effects[0].Objects[0].Name;
            if (passage.Refusal is { } refusal)
            {
                Note(new ChannelEvent("channel_refused") { Channel = channel.Number, Kind = "direct-tcpip", Destination = destination, Detail = refusal });
                _channels[channel.Index] = null;
                RefuseOpen(channel.Client.PeerNumber, AdministrativelyProhibited, SafeText.Show(SshWords.First(refusal)));
                return;
            }
            Note(new ChannelEvent("channel_opened") { Channel = channel.Number, Kind = "direct-tcpip", Destination = destination, Command = asked.Recorded.Value });
            AskToOpen(channel, channel.ToUpstream, "direct-tcpip"u8, payload);
        }
    }

    private Step TakeClientGlobalRequest(ref SshReader reader)
    {
        if (!reader.TryReadString(out var name) || !reader.TryReadBoolean(out var wantsReply))
            return Break(isClient: true, "a malformed GLOBAL_REQUEST");
        if (_globalReplies.IsCrowded)
            return Break(isClient: true, "too many requests at a time");
        var expected = _globalReplies.Expect(wantsReply);
        if (name.SequenceEqual("tcpip-forward"u8) && TryReadAddress(ref reader, out var address, out var port))
        {
            var facts = SshFacts.ForwardRemote(address, (int)port);
            if (_restrictions.PermitsPortForwarding)
            {
                var asked = Ask(facts, $"{SshVerbs.ForwardRemote} {facts.Effects[0].Objects[0].Name}", null);
                Start(() => ForwardRemoteAsync(asked, address, port, expected));
                return Step.Done;
            }
            Note(new ChannelEvent("request_refused") { Request = "tcpip-forward", Destination = facts.Effects[0].Objects[0].Name, Detail = NoForwarding });
        }
        else if (name.SequenceEqual("cancel-tcpip-forward"u8) && TryReadAddress(ref reader, out address, out port) && _forwarded.Remove((address, port)))
        {
            SendOrKeep(_upstream, new SshWriter().Begin(MessageNumber.GlobalRequest).String(name).Boolean(true).String(address).UInt32(port));
            _globalReplies.Ask(expected);
            return Step.Done;
        }
        // OpenSSH's keepalive wants any answer; no-more-sessions and host key updates want none.
        _globalReplies.Answer(expected, MessageNumber.RequestFailure);
        return Step.Done;
    }

    /// <summary>
    /// What resolvers read as it is compared. Some of them stop at a NUL or a space, so that <c>127.0.0.1 x.internal</c> is an address.
    /// </summary>
    private static bool IsHost(ReadOnlySpan<byte> host) => host.Length <= 255 && !host.ContainsAnyExceptInRange((byte)'!', (byte)'~');

    private static bool TryReadAddress(ref SshReader reader, out string address, out uint port)
    {
        (address, port) = ("", 0);
        if (!reader.TryReadString(out var text) || !IsHost(text) || !reader.TryReadUInt32(out port) || port > 65535 || !reader.IsAtEnd)
            return false;
        address = Encoding.UTF8.GetString(text);
        return true;
    }

    private async Task ForwardRemoteAsync(SshAsked asked, string address, uint port, ReplyQueue.Expected expected)
    {
        var passage = await PassAsync(asked);
        lock (_sync)
        {
            if (passage.IsOver)
                return;
            if (passage.Refusal is { } refusal)
            {
                Note(new ChannelEvent("request_refused") { Request = "tcpip-forward", Destination = asked.Facts.Effects[0].Objects[0].Name, Detail = refusal });
                _globalReplies.Answer(expected, MessageNumber.RequestFailure);
                return;
            }
            SendOrKeep(_upstream, new SshWriter().Begin(MessageNumber.GlobalRequest).String("tcpip-forward").Boolean(true).String(address).UInt32(port));
            _globalReplies.Ask(expected, (isDone, rest) =>
            {
                var reply = new SshReader(rest.Span);
                if (isDone)
                    _forwarded.Add((address, port == 0 && reply.TryReadUInt32(out var given) ? given : port));
            });
        }
    }

    private void SendGlobalReply(MessageNumber reply, byte[] rest) => SendOrKeep(_client, new SshWriter().Begin(reply).Bytes(rest));

    private Step TakeUpstreamGlobalRequest(ref SshReader reader)
    {
        if (!reader.TryReadString(out _) || !reader.TryReadBoolean(out var wantsReply))
            return Break(isClient: false, "a malformed GLOBAL_REQUEST");
        // Its keepalives; its host keys are not the client's business.
        if (wantsReply)
            SendOrKeep(_upstream, new SshWriter().Begin(MessageNumber.RequestFailure));
        return Step.Done;
    }

    /// <summary>Only what the client asked for and was let have: a connection to a port of the target.</summary>
    private Step TakeUpstreamOpen(ref SshReader reader)
    {
        if (!reader.TryReadString(out var type) || !reader.TryReadUInt32(out var number) || !reader.TryReadUInt32(out var window) ||
            !reader.TryReadUInt32(out var maxPacket) || maxPacket == 0)
            return Break(isClient: false, "a malformed CHANNEL_OPEN");
        var rest = reader.Rest;
        if (!type.SequenceEqual("forwarded-tcpip"u8) || !reader.TryReadString(out var address) || !reader.TryReadUInt32(out var port) ||
            !reader.TryReadString(out var origin) || !reader.TryReadUInt32(out var originPort) || !IsForwarded(port))
        {
            Note(new ChannelEvent("channel_refused") { Kind = Shown(type), Side = "upstream", Detail = "the client did not ask for it" });
            return RefuseUpstream(number, AdministrativelyProhibited, "not asked for");
        }
        if (TryAdd(ChannelKind.ForwardedTcpIp) is not { } channel)
            return RefuseUpstream(number, ResourceShortage, "too many channels");
        channel.Upstream.Open(number, window, maxPacket);
        Note(new ChannelEvent("channel_opened")
        {
            Channel = channel.Number,
            Kind = "forwarded-tcpip",
            Destination = DestinationPattern.Spell(Shown(address), (int)port),
            Detail = $"from {Shown(origin)} port {originPort}",
        });
        AskToOpen(channel, channel.ToClient, type, rest);
        return Step.Done;
    }

    /// <summary>By the port alone: servers spell the address in ways of their own ("localhost", "", "::").</summary>
    private bool IsForwarded(uint port) => _forwarded.Any(f => f.Port == port);

    private Step RefuseUpstream(uint number, uint reason, string text)
    {
        SendOrKeep(_upstream, new SshWriter().Begin(MessageNumber.ChannelOpenFailure).UInt32(number).UInt32(reason).String(text).String(""));
        return Step.Done;
    }
}
