using System.Text.Json;

namespace Sallyport.EndToEnd.Tests.Ssh;

/// <summary>Sessions that were recorded, played by asciinema's own player.</summary>
[Collection(nameof(SshGateway))]
public sealed class ExportTests(SshGateway gateway)
{
    [Theory]
    [InlineData("asciicast")]
    [InlineData("asciicast-v3")]
    public async Task APlayerShowsWhatTheClientSaw(string format)
    {
        var client = await gateway.SshAsync("eng", ["-tt"], "printf '\\033[31mr\\303\\251d\\033[0m\\n'; sleep 1; printf 'card 4539148803436467\\n' ; seq 2000; exit 3");
        Assert.Equal(3, client.ExitCode);
        await gateway.LastEndAsync();
        var file = gateway.Client($"{format}.cast");
        (await gateway.SallyportAsync("sessions", "export", "last", "--format", format, "--out", file)).OrThrow("export");

        var played = await gateway.ShellAsync($"node $CLIENTS/node/asciinema_player.mjs {file}");

        var seen = JsonDocument.Parse(played.OrThrow("node").Output).RootElement;
        Assert.Equal(client.Output, seen.GetProperty("output").GetString());
        Assert.InRange(seen.GetProperty("duration").GetDouble(), 1, 60);
    }
}
