using System.Globalization;
using Sallyport.EndToEnd.Tests.Gateway;

namespace Sallyport.EndToEnd.Tests.Breaks;

/// <summary>A client may be gone after any byte it sent: nothing of its session stays, and its recording is whole.</summary>
public sealed class ClientGoneTests : IClassFixture<BreakGateway>
{
    private const int Stride = 17;

    private readonly BreakGateway _broken;

    public ClientGoneTests(BreakGateway broken) => _broken = broken;

    [Fact]
    public async Task Threat4And8_AClientThatIsGoneAfterAnyByteLeavesNothingBehind()
    {
        var offsets = await OffsetsAsync();
        await NothingIsLeftAsync("the whole conversation");
        var (handles, memory) = Held();

        foreach (var offset in offsets)
        {
            foreach (var reset in (bool[])[false, true])
            {
                await CutClient.PlayAsync(_broken.Gateway.Port, offset, reset);
                await NothingIsLeftAsync($"{(reset ? "RST" : "FIN")} after {offset} bytes");
            }
        }

        var (handlesAfter, memoryAfter) = Held();
        Assert.InRange(handlesAfter, 0, handles + 4);
        Assert.InRange(memoryAfter, 0, memory + 128 * 1024);
        Assert.DoesNotContain(" failed", _broken.Gateway.Log, StringComparison.Ordinal);
        await NothingWaitsAndAllIsRecordedAsync();
    }

    /// <summary>Each boundary of the conversation's messages, one byte before and behind it, and some in between.</summary>
    private async Task<SortedSet<int>> OffsetsAsync()
    {
        using var whole = new CutClient();
        Assert.True(await whole.PlayAsync(_broken.Gateway.Port, int.MaxValue));
        var last = whole.Ends[^1];
        SortedSet<int> offsets = [.. whole.Ends.SelectMany(static end => (int[])[end - 1, end, end + 1])];
        for (var offset = 1; offset < last; offset += Stride)
            offsets.Add(offset);
        return offsets.GetViewBetween(1, last);
    }

    private async Task NothingIsLeftAsync(string after)
    {
        var left = 0L;
        for (var attempt = 0; attempt < 500; attempt++)
        {
            if ((left = await _broken.UpstreamsAsync()) == 0)
                return;
            await Task.Delay(10);
        }
        Assert.Fail($"{left} upstream connections are left 5 s after: {after}");
    }

    private (int Handles, int MemoryKilobytes) Held()
    {
        var process = $"/proc/{_broken.Gateway.ProcessId}";
        var resident = File.ReadLines(process + "/status").First(static line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        var kilobytes = resident.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        return (Directory.GetFiles(process + "/fd").Length, int.Parse(kilobytes, CultureInfo.InvariantCulture));
    }

    private async Task NothingWaitsAndAllIsRecordedAsync()
    {
        await HoldTests.UntilAsync(async () => (await _broken.JsonAsync("sessions", "list", "--live")).GetArrayLength() == 0);
        Assert.Equal(0, (await _broken.JsonAsync("approvals", "list")).GetArrayLength());
        var sessions = await _broken.JsonAsync("sessions", "list", "--limit", "1000");
        Assert.True(sessions.GetArrayLength() > 50);
        Assert.All(sessions.EnumerateArray(), static session =>
            Assert.Contains(session.GetProperty("end").GetString(), (string[])["client_lost", "client_closed", "protocol_violation"]));
        var verify = await _broken.SallyportAsync("sessions", "verify");
        Assert.True(verify.ExitCode == 0, verify.Output + verify.Error);

        Assert.Equal(0, await _broken.Gateway.StopAsync());
        var sealedUp = await _broken.SallyportAsync("sessions", "verify");
        Assert.True(sealedUp.ExitCode == 0, sealedUp.Output + sealedUp.Error);
    }
}
