using System.Text;
using Sallyport.Ssh.Wire;

namespace Sallyport.EndToEnd.Tests.Ssh.Hostile;

/// <summary>Bytes in what was asked for that would drive the terminal of whoever reads it.</summary>
[Collection(nameof(SshGateway))]
public sealed class TerminalInjectionTests(SshGateway gateway)
{
    /// <summary>Clears the screen, sets the title, writes over the line, turns the direction, C1's CSI, and a byte that is no UTF-8.</summary>
    private static readonly byte[] Evil = [.. "\e[2J\e]0;owned\a\rharmless\b\u202Etxt\u009B31m\u200B"u8, 0xFF];

    /// <summary>THREATS 83, 90: approvers and auditors see each byte, and none of them acts.</summary>
    [Theory]
    [InlineData("touch '/tmp/{0}'")]
    [InlineData("touch /tmp/{0}\n# and more")]
    public async Task Threat83_Threat90_NothingInAHeldLineDrivesATerminal(string form)
    {
        var mark = Guid.NewGuid().ToString("N");
        byte[] line = [.. Encoding.UTF8.GetBytes(form[..form.IndexOf("{0}", StringComparison.Ordinal)] + mark), .. Evil,
            .. Encoding.UTF8.GetBytes(form[(form.IndexOf("{0}", StringComparison.Ordinal) + 3)..])];
        await using (var client = await RawClient.LogInAsync(gateway, "bot+desk"))
        {
            var channel = await client.OpenAsync();
            await client.SendAsync(Say.Request(channel, "exec").String(line));
            await client.UntilAsync(MessageNumber.ChannelSuccess);
            var id = await gateway.HoldAsync(mark);

            foreach (var arguments in (string[][])[["approvals", "list"], ["approvals", "show", id]])
            {
                var shown = (await gateway.SallyportAsync(arguments)).OrThrow(arguments[1]).Output;
                Harmless(shown);
                Assert.Contains(mark, shown, StringComparison.Ordinal);
            }
            (await gateway.SallyportAsync("approvals", "reject", id, "--reason", "\e[2Jno")).OrThrow("reject");
            Harmless(await SaidAsync(client));
        }

        await gateway.LastEndAsync();
        foreach (var arguments in (string[][])[["sessions", "replay", "last"], ["sessions", "show", "last"]])
            Harmless((await gateway.SallyportAsync(arguments)).Output);
        Assert.Contains(mark, (await gateway.SallyportAsync("sessions", "replay", "last")).Output, StringComparison.Ordinal);
        var export = await gateway.SallyportAsync("sessions", "export", "last");
        Assert.Contains("\\u001b[2J", export.Output, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain('\e', gateway.Gateway.Log);
    }

    /// <summary>What a channel says on its streams until it closes.</summary>
    private static async Task<string> SaidAsync(RawClient client)
    {
        var said = new StringBuilder();
        while (await client.ReadAsync() is var message && message[0] != (byte)MessageNumber.ChannelClose)
        {
            if (message[0] == (byte)MessageNumber.ChannelExtendedData)
                said.Append(Encoding.UTF8.GetString(message.AsSpan(13)));
        }
        return said.ToString();
    }

    private static void Harmless(string shown) => Assert.DoesNotContain(shown, static c =>
        (char.IsControl(c) && c is not ('\n' or '\t')) || char.GetUnicodeCategory(c) == System.Globalization.UnicodeCategory.Format);
}
