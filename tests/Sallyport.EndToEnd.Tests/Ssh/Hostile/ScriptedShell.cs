using System.Text;
using System.Text.RegularExpressions;
using Sallyport.Ssh.Wire;

namespace Sallyport.EndToEnd.Tests.Ssh.Hostile;

/// <summary>A real client with a shell in command mode, at a target whose lines the test plays.</summary>
internal sealed class ScriptedShell : IAsyncDisposable
{
    private readonly uint _channel;
    private uint _last = RawTarget.Number;

    private ScriptedShell(ShellClient client, RawTarget target, uint channel) => (Client, Target, _channel) = (client, target, channel);

    public ShellClient Client { get; }

    public RawTarget Target { get; }

    /// <summary>The gateway's number of the shell's own channel, on which nothing runs.</summary>
    public uint Idle => _channel;

    public static async Task<ScriptedShell> OpenAsync(SshGateway gateway, params string[] options)
    {
        var client = ShellClient.Start(gateway, "ops+scripted", ["-tt", .. options]);
        var target = await gateway.Targets.AcceptAsync();
        await target.LetInAsync();
        // Its terminal is asked for; nothing else is.
        var channel = await target.RunAsync();
        await client.ExpectAsync("ops@scripted:~$ ");
        return new ScriptedShell(client, target, channel);
    }

    /// <summary>Types a line, and has the target be asked for a channel for it.</summary>
    public async Task<uint> TypeAsync(string line)
    {
        await Client.TypeAsync(line + "\r");
        return await OpenedAsync();
    }

    /// <summary>The gateway's number of the channel that it asks for next; not answered.</summary>
    public async Task<uint> OpenedAsync()
    {
        var reader = new SshReader((await Target.UntilAsync(MessageNumber.ChannelOpen)).AsSpan(1));
        Assert.True(reader.TryReadString(out _) & reader.TryReadUInt32(out var channel));
        return channel;
    }

    /// <summary>Types a line and has it run at the target, up to its output.</summary>
    public async Task<Line> RunAsync(string line) => await AcceptAsync(await TypeAsync(line));

    /// <summary>Confirms a line's channel and grants the command.</summary>
    public async Task<Line> AcceptAsync(uint channel)
    {
        await Target.SendAsync(Say.Confirm(channel, ++_last));
        string command;
        while (!TryReadCommand(await Target.UntilAsync(MessageNumber.ChannelRequest), out command))
        {
        }
        await Target.SendAsync(Say.Of(MessageNumber.ChannelSuccess, channel));
        return new Line(channel, command);
    }

    public Task SayAsync(Line line, string output) =>
        Target.SendAsync(new SshWriter().Begin(MessageNumber.ChannelData).UInt32(line.Channel).String(output));

    /// <summary>Ends a line as a server does, and hears that the gateway does too.</summary>
    public async Task EndAsync(Line line, uint? status = 0)
    {
        if (status is { } number)
            await Target.SendAsync(Say.Request(line.Channel, "exit-status", false).UInt32(number));
        await Target.SendAsync(Say.Of(MessageNumber.ChannelEof, line.Channel), Say.Of(MessageNumber.ChannelClose, line.Channel));
        Assert.Equal(_last, Say.NumberAt(await Target.UntilAsync(MessageNumber.ChannelClose)));
    }

    /// <summary>The shell works: a line runs, and its output is shown.</summary>
    public async Task WorksAsync()
    {
        var line = await RunAsync("echo still-here");
        Assert.Contains("'echo still-here'", line.Command, StringComparison.Ordinal);
        await SayAsync(line, "shown\r\n");
        await EndAsync(line);
        await Client.ExpectAsync("shown\r\n");
        await Client.ExpectAsync("ops@scripted:");
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Target.DisposeAsync();
    }

    private static bool TryReadCommand(byte[] request, out string command)
    {
        var reader = new SshReader(request.AsSpan(5));
        Assert.True(reader.TryReadString(out var name) & reader.TryReadBoolean(out _));
        var isExec = name.SequenceEqual("exec"u8);
        command = isExec && reader.TryReadString(out var text) ? Encoding.UTF8.GetString(text) : "";
        return isExec;
    }

    /// <summary>A line that runs: the gateway's number for its channel, and what it asked the target to run.</summary>
    internal sealed record Line(uint Channel, string Command)
    {
        /// <summary>What marks the trailer; empty where none is due.</summary>
        public string Nonce { get; } = Regex.Match(Command, "'([0-9a-f]{32})'$").Groups[1].Value;
    }
}
