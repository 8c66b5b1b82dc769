namespace Sallyport.EndToEnd.Tests.Ssh;

/// <summary>What agents see of secrets in the output of commands, and what the recording keeps.</summary>
[Collection(nameof(SshGateway))]
public sealed class MaskTests(SshGateway gateway)
{
    private const string Card = "4539148803436467";

    [Theory]
    [InlineData("")]
    [InlineData("-tt")]
    public async Task OutputIsMaskedAndRecordedAsTheClientSawIt(string option)
    {
        var file = Path.Combine(gateway.Files, "cards.txt");
        await File.WriteAllTextAsync(file, $"card {Card} and key AKIAIOSFODNN7EXAMPLE end\n");

        var result = await gateway.SshAsync("bot", option.Length == 0 ? [] : [option], $"cat {file}");

        Assert.DoesNotContain(Card, result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("IOSFODNN7EXAMPLE", result.Output, StringComparison.Ordinal);
        Assert.Contains("end", result.Output, StringComparison.Ordinal);
        var recording = await gateway.LastRecordingAsync();
        Assert.DoesNotContain(Card, recording, StringComparison.Ordinal);
        Assert.Contains("****", recording, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ErrorOutputIsMaskedToo()
    {
        var result = await gateway.SshAsync("bot", $"cat /not/there/{Card}/AKIAIOSFODNN7EXAMPLE");

        Assert.DoesNotContain("IOSFODNN7EXAMPLE", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OthersSeeEverything()
    {
        Assert.Equal(Card + "\n", (await gateway.SshAsync("eng", $"echo {Card}")).Output);
    }

    [Fact]
    public async Task FilesAreNotChanged()
    {
        await File.WriteAllTextAsync(Path.Combine(gateway.Files, "cards.bin"), Card);

        (await gateway.ShellAsync("scp -q -F $CFG bot+web1@gw:$FILES/cards.bin $HERE/cards.bin")).OrThrow("scp");

        Assert.Equal(Card, await File.ReadAllTextAsync(gateway.Client("cards.bin")));
    }
}
