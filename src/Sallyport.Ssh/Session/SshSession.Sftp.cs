using Sallyport.Ssh.Channels;
using Sallyport.Ssh.Recording;
using Sallyport.Ssh.Sftp;

namespace Sallyport.Ssh.Session;

/// <content>What the SFTP filter asks of the session. Called inside the lock, but for the deciding itself.</content>
internal sealed partial class SshSession
{
    public void DecideSftp(Channel channel, SftpFilter filter, SftpOperation operation) => Start(async () =>
    {
        var asked = Ask(operation.Facts, operation.Text, channel);
        var passage = await PassAsync(asked);
        if (passage.IsOver)
            return;
        lock (_sync)
        {
            Note(new ChannelEvent("command") { Channel = channel.Number, Command = asked.Recorded.Value });
            filter.Decided(passage.Refusal is { } refusal ? SshWords.First(refusal) : null);
        }
    });

    /// <summary>What waited in the filter has been taken: it may be credited.</summary>
    public void Settled(Channel channel)
    {
        if (channel.ToUpstream.IsEmpty)
            Settle(channel, channel.ToUpstream);
    }

    public void NoteTransfer(Channel channel, SftpTransfer transfer) => Note(new ChannelEvent("file")
    {
        Channel = channel.Number,
        Path = SafeText.Short(transfer.Path, 4096),
        BytesRead = transfer.BytesRead,
        BytesWritten = transfer.BytesWritten,
        Sha256 = transfer.WrittenSha256 ?? transfer.ReadSha256,
        Detail = transfer.IsClosed ? null : "not closed",
    });

    /// <summary>A channel whose content broke its protocol.</summary>
    public void EndChannel(Channel channel, string fault)
    {
        Note(new ChannelEvent("protocol_violation") { Channel = channel.Number, Detail = fault });
        Start(() => FinishHereAsync(channel, fault));
    }
}
