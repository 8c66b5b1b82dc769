using System.Text;
using System.Text.Json;
using Sallyport.Testing.Gateway;

namespace Sallyport.EndToEnd.Tests.Ssh;

/// <summary>What people see of sessions that go on, and how they end one.</summary>
[Collection(nameof(SshGateway))]
public sealed class LiveSessionTests(SshGateway gateway)
{
    private const string Card = "4539148803436467";

    [Theory]
    [InlineData("-T")]
    [InlineData("-tt")]
    public async Task AKilledCommandsClientHearsTheLastWord(string terminal)
    {
        using var client = ShellClient.Start(gateway, "eng+web1", terminal, "-o", "RemoteCommand=echo begun; sleep 60");
        await client.ExpectAsync("begun");

        (await gateway.SallyportAsync("sessions", "kill", await LiveAsync(), "--reason", "enough of it")).OrThrow("kill");

        await client.ExpectAsync("the session was ended: ended by dana: enough of it");
        Assert.Equal(255, await client.ExitCodeAsync());
        Assert.Equal("killed", await gateway.LastEndAsync());
        Assert.Contains("enough of it", await gateway.LastRecordingAsync(), StringComparison.Ordinal);
    }

    /// <summary>THREATS 26: nothing of a session that was killed runs later.</summary>
    [Fact]
    public async Task Threat26_AKilledSessionsHoldIsGone()
    {
        var file = $"{gateway.Files}/killed-while-held";
        var running = gateway.SshAsync("bot", $"touch {file}");
        var hold = await gateway.HoldAsync(file);

        (await gateway.SallyportAsync("sessions", "kill", await LiveAsync(), "--reason", "enough")).OrThrow("kill");

        var result = await running;
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("the session was ended: ended by dana: enough", result.Error, StringComparison.Ordinal);
        Assert.NotEqual(0, (await gateway.SallyportAsync("approvals", "approve", hold, "--yes")).ExitCode);
        Assert.False(File.Exists(file));
    }

    /// <summary>THREATS 87: the watcher sees what the client sees, while it runs, and no more than that.</summary>
    [Theory]
    [InlineData("-T")]
    [InlineData("-tt")]
    public async Task Threat87_WhoWatchesSeesTheMaskedOutputAsItComes(string terminal)
    {
        var pipe = gateway.Files + $"/watched{terminal}";
        (await gateway.ShellAsync($"mkfifo {pipe}")).OrThrow("mkfifo");
        using var client = ShellClient.Start(gateway, "bot+web1", terminal, "-o", $"RemoteCommand=cat {pipe}");
        await using var writer = new StreamWriter(pipe) { AutoFlush = true };
        await writer.WriteAsync($"first {Card} of them\n");
        await client.ExpectAsync("of them");
        using var watching = GatewayProgram.Start(
            ["sessions", "watch", await LiveAsync(), "--config", Path.Combine(gateway.Gateway.Folder, "sallyport.yaml")],
            new Dictionary<string, string?> { ["SALLYPORT_AS"] = "dana", ["SALLYPORT_SECRET"] = SshGateway.Secret }, null);
        var seen = new StringBuilder();

        await SeesAsync(watching.StandardOutput, seen, "of them");
        await writer.WriteAsync($"second {Card} while watched\n");
        await SeesAsync(watching.StandardOutput, seen, "while watched");

        await writer.DisposeAsync();
        Assert.Equal(0, await client.ExitCodeAsync());
        seen.Append(await watching.StandardOutput.ReadToEndAsync());
        Assert.DoesNotContain(Card, seen + client.Seen, StringComparison.Ordinal);
        await watching.WaitForExitAsync();
    }

    private static async Task SeesAsync(StreamReader output, StringBuilder seen, string text)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var buffer = new char[4096];
        while (!seen.ToString().Contains(text, StringComparison.Ordinal))
        {
            var read = await output.ReadAsync(buffer, patience.Token);
            Assert.True(read > 0, $"the watching ended without \"{text}\":\n{seen}");
            seen.Append(buffer, 0, read);
        }
    }

    /// <summary>The newest session that goes on.</summary>
    private async Task<string> LiveAsync()
    {
        var list = (await gateway.SallyportAsync("sessions", "list", "--json")).OrThrow("sessions list").Output;
        return JsonDocument.Parse(list).RootElement.EnumerateArray()
            .Where(static s => !s.TryGetProperty("end", out var end) || end.ValueKind == JsonValueKind.Null)
            .Select(static s => s.GetProperty("id").GetString()!).Max(StringComparer.Ordinal)!;
    }
}
