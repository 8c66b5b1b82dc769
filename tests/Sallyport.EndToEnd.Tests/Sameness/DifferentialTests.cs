using System.Globalization;
using Sallyport.Testing.Wire;

namespace Sallyport.EndToEnd.Tests.Sameness;

/// <summary>
/// A gateway that allows everything is not there, as far as a client can tell: random conversations are answered by it as by the server
/// itself. SALLYPORT_CONVERSATIONS=FIRST:COUNT plays others than the fixed ones.
/// </summary>
public sealed class DifferentialTests : IClassFixture<TwinDatabases>
{
    // As many as share a connection, so that what one leaves behind meets the next.
    private const int PerConnection = 20;

    private static readonly Turn Clean = new("(clean)", Messages.Join(
        Messages.Query("rollback"), Messages.Query("discard all"), Messages.Query("drop table if exists t0, t1"),
        Messages.Query("truncate items, more"),
        Messages.Query("insert into items values (1, 'one'), (2, 'two'), (3, null), (4, 'four')")));

    private readonly TwinDatabases _twins;

    public DifferentialTests(TwinDatabases twins) => _twins = twins;

    [Theory]
    [InlineData("plain")]
    [InlineData("veiled")]
    public async Task RandomConversationsAreAnsweredAsByTheServerItself(string database)
    {
        var (first, count) = Seeds();
        List<string> differences = [];
        for (var seed = first; seed < first + count; seed += PerConnection)
        {
            await using var direct = await Side.LoginAsync(_twins.Direct);
            await using var through = await Side.LoginAsync(_twins.Through(database));
            for (var i = seed; i < Math.Min(seed + PerConnection, first + count); i++)
            {
                if (await PlayAsync(i, direct, through, database == "veiled") is not { } difference)
                    continue;
                differences.Add(difference);
                break;
            }
        }
        Assert.True(differences.Count == 0, string.Join("\n\n", differences));
    }

    /// <summary>The first difference, with all that was said before it, or null.</summary>
    private static async Task<string?> PlayAsync(int seed, Side direct, Side through, bool isVeiled)
    {
        var conversation = new Conversation(seed, isVeiled);
        var told = $"seed {seed}";
        foreach (var turn in conversation.Turns().Prepend(Clean))
        {
            told += $"\n> {turn.Says}";
            var cut = conversation.Cut(turn.Bytes.Length);
            var expected = Side.Comparable(await direct.PlayAsync(turn, cut), isVeiled);
            var actual = Side.Comparable(await through.PlayAsync(turn, cut), isVeiled);
            if (!expected.SequenceEqual(actual))
                return $"{told}\nserver:\n{Short(expected)}\ngateway:\n{Short(actual)}";
        }
        return null;
    }

    private static string Short(IEnumerable<string> answer) =>
        string.Join('\n', answer.Select(static line => line.Length > 400 ? line[..400] : line));

    private static (int First, int Count) Seeds()
    {
        if (Environment.GetEnvironmentVariable("SALLYPORT_CONVERSATIONS")?.Split(':') is not [var first, var count])
            return (1, 200);
        return (int.Parse(first, CultureInfo.InvariantCulture), int.Parse(count, CultureInfo.InvariantCulture));
    }
}
