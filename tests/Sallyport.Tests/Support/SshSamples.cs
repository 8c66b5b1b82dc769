using System.Text;
using Sallyport.Core;
using Sallyport.Ssh.Recording;

namespace Sallyport.Tests.Support;

/// <summary>Records of SSH sessions.</summary>
internal static class SshSamples
{
    public static void Output(this ISessionRecorder recorder, uint channel, string text, ChannelStream stream = ChannelStream.Data) =>
        recorder.Output(channel, Encoding.UTF8.GetBytes(text), stream);

    public static void Output(this ISessionRecorder recorder, uint channel, ReadOnlySpan<byte> bytes, ChannelStream stream = ChannelStream.Data)
    {
        var head = new byte[ChannelRecord.HeadSize];
        ChannelRecord.WriteHead(head, channel, stream);
        Assert.Equal(RecordOutcome.Taken, recorder.TryAppend(RecordKind.Answer, head, bytes, out _));
    }

    public static void Event(this ISessionRecorder recorder, ChannelEvent told) => Samples.Append(recorder, RecordKind.Event, told.ToJson());

    /// <summary>A command record, and the event that says which channel runs it.</summary>
    public static void Run(this ISessionRecorder recorder, uint channel, string text, string request)
    {
        Samples.Append(recorder, RecordKind.Command, Samples.Command(text));
        recorder.Event(new ChannelEvent("command") { Channel = channel, Command = 1, Request = request });
    }

    /// <summary>Channel 0 a shell that leaves an alternate screen open, a rune of it cut by the recording; channel 1 an exec.</summary>
    public static void ShellAndExec(ISessionRecorder recorder)
    {
        recorder.Event(new ChannelEvent("channel_opened") { Channel = 0, Kind = "session" });
        recorder.Event(new ChannelEvent("pty") { Channel = 0, Terminal = "xterm", Columns = 100, Rows = 30 });
        recorder.Run(0, "shell", "shell");
        recorder.Output(0, [.. "\u001b[?1049h\u001b[31m"u8, 0xc3]);
        recorder.Output(0, [0xa9, .. "dit\u001b]52;c;eA==\a"u8]);
        recorder.Event(new ChannelEvent("resize") { Channel = 0, Columns = 120, Rows = 40 });
        recorder.Event(new ChannelEvent("channel_opened") { Channel = 1, Kind = "session" });
        recorder.Run(1, "ls \u001b[2J", "exec");
        recorder.Output(1, "one\u001b[2J\n");
        recorder.Output(1, "two\n", ChannelStream.Error);
        recorder.Event(new ChannelEvent("exit_status") { Channel = 1, Status = 4 });
        recorder.Event(new ChannelEvent("channel_closed") { Channel = 1 });
    }
}
