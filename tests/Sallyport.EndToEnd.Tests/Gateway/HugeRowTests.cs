using System.Globalization;
using Sallyport.Testing.Wire;

namespace Sallyport.EndToEnd.Tests.Gateway;

/// <summary>A field as large as PostgreSQL makes them passes in bounded memory, masked or not.</summary>
public sealed class HugeRowTests : IAsyncLifetime
{
    private const char Secret = '~';
    private const long Allowed = 200L << 20;
    private const int Huge = 1_000_000_000;
    private const int Large = 1 << 28;

    /// <summary>Between two parts of an answer; a gigabyte takes the server itself some seconds to make.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    private static readonly byte[] Ready = Messages.Message('Z', "I"u8.ToArray());

    private readonly ShopGateway _shop = new();

    public Task InitializeAsync() => _shop.InitializeAsync();

    public Task DisposeAsync() => _shop.DisposeAsync();

    [Fact]
    public async Task Threat7_AFieldOfAGigabytePassesInBoundedMemory()
    {
        var (bytes, _, grown) = await ReadAsync("engineer", $"select repeat(repeat('x', 100000), {Huge / 100_000})");

        Assert.InRange(bytes, Huge, Huge + 200);
        Assert.InRange(grown, 0, Allowed);
    }

    [Theory]
    [InlineData("card_number", Secret, "notes", 'n')]
    [InlineData("notes", 'n', "card_number", Secret)]
    public async Task Threat7_AHugeRowWithAMaskedColumnIsMaskedAsItPassesInBoundedMemory(string large, char fill, string small, char other)
    {
        await _shop.TruthAsync(
            $"insert into customers (id, name, {large}, {small}) "
            + $"values (3, 'Large', repeat(repeat('{fill}', 65536), {Large / 65536}), repeat('{other}', 16))");

        var (bytes, shown, grown) = await ReadAsync("agent", $"select id, {large}, {small} from customers where id = 3");

        Assert.Equal(0, shown);
        Assert.InRange(bytes, Large, Large + 500);
        Assert.InRange(grown, 0, Allowed);
    }

    [Theory]
    [InlineData("notes", 'n', "ssn", Secret, true)]
    [InlineData("card_number", Secret, "notes", 'n', false)]
    public async Task Threat7_AHugeRowIsCopiedMaskedInBoundedMemory(string large, char fill, string small, char other, bool isKept)
    {
        await _shop.TruthAsync(
            $"insert into customers (id, name, {large}, {small}) "
            + $"values (3, 'Large', repeat(repeat('{fill}', 65536), {Large / 65536}), repeat('{other}', 16))");

        var (bytes, shown, grown) = await ReadAsync("agent", "copy customers to stdout");

        Assert.Equal(0, shown);
        // Between its parts stand the headers of messages.
        Assert.InRange(bytes, isKept ? Large : 0, (isKept ? Large : 0) + 5_000);
        Assert.InRange(grown, 0, Allowed);
    }

    /// <summary>Asks, throws the answer away as it comes, and says how much the gateway's memory grew at its peak.</summary>
    private async Task<(long Bytes, long Secrets, long Grown)> ReadAsync(string principal, string sql)
    {
        await using var client = await _shop.LoginAsync(principal);
        await client.QueryAsync("select name from customers where id = 1");
        var process = $"/proc/{_shop.Gateway.ProcessId}";
        // From here on the peak is the peak of this answer.
        await File.WriteAllTextAsync(process + "/clear_refs", "5");
        var before = Status(process, "VmRSS:");

        await client.SendAsync(Messages.Query(sql));
        var (bytes, secrets) = await DiscardAsync(client.Detach());
        return (bytes, secrets, Status(process, "VmHWM:") - before);
    }

    private static async Task<(long Bytes, long Secrets)> DiscardAsync(Stream stream)
    {
        var buffer = new byte[256 * 1024];
        long bytes = 0, secrets = 0;
        while (true)
        {
            var read = await stream.ReadAsync(buffer).AsTask().WaitAsync(Patience);
            Assert.True(read > 0, $"The session ended after {bytes} bytes.");
            bytes += read;
            secrets += buffer.AsSpan(0, read).Count((byte)Secret);
            if (buffer.AsSpan(0, read).EndsWith(Ready))
                return (bytes, secrets);
        }
    }

    /// <summary>A line of /proc/PID/status that counts KiB, in bytes.</summary>
    private static long Status(string process, string line) => 1024 * long.Parse(
        File.ReadLines(process + "/status").First(l => l.StartsWith(line, StringComparison.Ordinal))[line.Length..^2],
        CultureInfo.InvariantCulture);
}
