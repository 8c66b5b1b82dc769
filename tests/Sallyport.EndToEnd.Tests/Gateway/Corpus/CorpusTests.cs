using System.Text;
using Sallyport.Testing.Wire;

namespace Sallyport.EndToEnd.Tests.Gateway.Corpus;

/// <summary>
/// Evasions and their harmless look-alikes, each in a transaction that is rolled back. Refusing everything would not pass: what is
/// harmless must come byte for byte, and the session must live.
/// </summary>
public sealed class CorpusTests : IClassFixture<CorpusGateway>
{
    private static readonly string[] Secrets = Spellings(
        "912-45-6781", "934-71-2096", "987-65-4320", "955-12-3456", "4539148803436467", "5425233430109903", "zofia.kranz@halvorsen.test", "t.okonkwo@brightpier.test",
        "711934", "722845");

    private readonly CorpusGateway _gateway;

    public CorpusTests(CorpusGateway gateway) => _gateway = gateway;

    public static TheoryData<string> Harmful => Ids(static c => c.Expect == "deny");

    public static TheoryData<string> Harmless => Ids(static c => c.Expect == "allow");

    public static TheoryData<string> Masked => Ids(static c => c.Expect is "masked" or "hidden" or "refused");

    [Theory]
    [MemberData(nameof(Harmful))]
    public async Task Threat15To18And28To29_AnEvasionIsRefusedAndChangesNothing(string id)
    {
        var played = CorpusCase.Of(id);
        var client = await _gateway.SharedAsync(played.Policy);
        var before = await StateAsync(client);

        var answers = await PlayAsync(client, played);

        Assert.Contains(answers.SelectMany(static a => a), IsRefusal);
        Assert.Equal(before, await StateAsync(client));
    }

    [Theory]
    [MemberData(nameof(Harmless))]
    public async Task AHarmlessLookAlikeIsAnsweredByteForByteAsWithoutAGateway(string id)
    {
        var played = CorpusCase.Of(id);
        var client = await _gateway.SharedAsync(played.Policy);
        var direct = await _gateway.SharedAsync(CorpusGateway.Direct);

        var answers = await PlayAsync(client, played);
        var expected = await PlayAsync(direct, played);

        Assert.Equal(expected.Select(Print), answers.Select(Print));

        // Where masks are in force, an error keeps no more than it must.
        string Print(List<PostgresMessage> answer) => string.Join(' ', answer.Where(static m => m.Type != 'S').Select(m =>
            m.Type == 'E' && played.Policy.StartsWith("mask", StringComparison.Ordinal) ? $"E:{m.Field('C')} {m.Field('M')}" : $"{m.Type}:{Encoding.Latin1.GetString(m.Body)}"));
    }

    [Theory]
    [MemberData(nameof(Masked))]
    public async Task Threat30To33_NoValueComesByAnyRoad(string id)
    {
        var played = CorpusCase.Of(id);
        var client = await _gateway.SharedAsync(played.Policy);

        var messages = (await PlayAsync(client, played)).SelectMany(static a => a).ToArray();

        var bytes = string.Join('\n', messages.Select(static m => Encoding.Latin1.GetString(m.Body)));
        Assert.All(Secrets, secret => Assert.DoesNotContain(secret, bytes, StringComparison.OrdinalIgnoreCase));
        Assert.All(played.Contains, text => Assert.Contains(text, bytes, StringComparison.Ordinal));
        Assert.Equal(played.Expect is "hidden" or "refused", messages.Any(static m => m.Type == 'E'));
        Assert.Equal(played.Expect == "refused", messages.Any(IsRefusal));
        Assert.Equal("alive", await ScalarAsync(client, "select 'alive'"));
    }

    [Fact]
    public async Task Threat30To33_NoValueIsInTheRecordingEither()
    {
        await using (var client = await _gateway.LoginAsync("mask-pii"))
        {
            foreach (var played in CorpusCase.All.Where(static c => c.Policy == "mask-pii" && c.Expect is "masked" or "hidden"))
                await PlayAsync(client, played);
            await client.SendAsync(Messages.Terminate());
            Assert.True(await client.IsClosedByServerAsync());
        }

        var recorded = (await _gateway.SallyportAsync("sessions", "replay", "last", "--no-wait")).OrThrow("replay").Output;

        Assert.Contains("Zofia Kranz", recorded, StringComparison.Ordinal);
        Assert.All(Secrets, secret => Assert.DoesNotContain(secret, recorded, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task EveryEvasionWouldWorkWithoutAGateway()
    {
        var failed = new List<string>();
        foreach (var played in CorpusCase.All.Where(static c => c is { Expect: "deny", IsDead: false }))
        {
            var direct = await _gateway.SharedAsync(CorpusGateway.Direct);
            var error = (await PlayAsync(direct, played)).SelectMany(static a => a).FirstOrDefault(static m => m.Type == 'E');
            if (error is not null)
                failed.Add($"{played.Id}: {error.Field('M')}");
        }
        Assert.True(failed.Count == 0, string.Join('\n', failed));
    }

    [Fact]
    public void AThirdOfTheCasesIsHarmless() => Assert.True(Harmless.Count * 3 >= CorpusCase.All.Count(), $"{Harmless.Count} of {CorpusCase.All.Count()}");

    [Fact]
    public void OfTheCasesWhereRowsCouldBeGivenFourOfFiveGetThem()
    {
        var given = CorpusCase.All.Count(static c => c.Expect == "masked");
        var withheld = CorpusCase.All.Count(static c => c is { Expect: "refused", Better: "masked" });

        Assert.True(given >= 4 * withheld, $"{given} by rows, {withheld} refused");
    }

    private static TheoryData<string> Ids(Func<CorpusCase, bool> which) => new(CorpusCase.All.Where(which).Select(static c => c.Id));

    private static bool IsRefusal(PostgresMessage message) =>
        message.Type == 'E' && message.Field('D') is { } detail && detail.StartsWith("{\"decision\":\"deny\"", StringComparison.Ordinal);

    /// <summary>The answers to each op, begun and rolled back; an op that fails takes only itself back.</summary>
    private async Task<List<List<PostgresMessage>>> PlayAsync(RawPostgresClient client, CorpusCase played)
    {
        var answers = new List<List<PostgresMessage>>();
        await client.QueryAsync("begin");
        foreach (var op in played.Ops)
        {
            await client.QueryAsync("savepoint corpus");
            await client.SendAsync(CorpusCase.BytesOf(op, _gateway.Names));
            var answer = new List<PostgresMessage>();
            for (var i = 0; i < CorpusCase.AnswersTo(op); i++)
                answer.AddRange(await client.ReadThroughAsync('Z'));
            answers.Add(answer);
            if (answer.Any(static m => m.Type == 'E'))
                await client.QueryAsync("rollback to corpus");
        }
        await client.QueryAsync("rollback");
        await client.QueryAsync("deallocate all");
        return answers;
    }

    private static async Task<string> StateAsync(RawPostgresClient client) => await ScalarAsync(
        client, "select concat_ws(',', (select count(*) from victims), (select count(*) from other_victims), (select count(*) from audit_log), current_user, session_user)");

    private static async Task<string> ScalarAsync(RawPostgresClient client, string sql)
    {
        var row = (await client.QueryAsync(sql)).Single(static m => m.Type == 'D');
        return Encoding.UTF8.GetString(row.Body.AsSpan(6));
    }

    private static string[] Spellings(params string[] values) =>
    [
        .. values.SelectMany(static v => new[]
        {
            v, new string([.. v.Reverse()]), Convert.ToHexString(Encoding.ASCII.GetBytes(v)), Convert.ToBase64String(Encoding.ASCII.GetBytes(v)).TrimEnd('=')[..^1],
            v.Replace("-", "", StringComparison.Ordinal),
        }).Distinct(),
    ];
}
