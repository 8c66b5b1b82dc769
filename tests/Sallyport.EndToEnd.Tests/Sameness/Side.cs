using System.Text;
using Sallyport.Testing.Runners;
using Sallyport.Testing.Wire;

namespace Sallyport.EndToEnd.Tests.Sameness;

/// <summary>One of those who play the same conversation, and how its answers are compared.</summary>
internal sealed class Side : IAsyncDisposable
{
    // Nobody sends four empty queries in a row: what comes before their answers answers the turn.
    private static readonly byte[] Mark = Messages.Join(
        Messages.Sync(), Messages.Query(""), Messages.Query(""), Messages.Query(""), Messages.Query(""));

    private static readonly HashSet<string> Reported =
        ["client_encoding", "DateStyle", "IntervalStyle", "TimeZone", "standard_conforming_strings", "is_superuser", "in_hot_standby",
        "server_version"];

    private readonly ConnectionTarget _target;
    private readonly RawPostgresClient _client;

    private Side(ConnectionTarget target, RawPostgresClient client) => (_target, _client) = (target, client);

    public static async Task<Side> LoginAsync(ConnectionTarget target) => new(target, await RawPostgresClient.LoginAsync(target));

    /// <summary>Plays one turn and gives the whole answer; a connection that was closed, or one that says nothing, ends it with what
    /// came.</summary>
    public async Task<List<PostgresMessage>> PlayAsync(Turn turn, int? cut)
    {
        List<PostgresMessage> answer = [];
        try
        {
            await PlayAsync(turn, cut, answer);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            answer.Add(new PostgresMessage('!', Encoding.UTF8.GetBytes(e.Message)));
        }
        return answer;
    }

    private async Task PlayAsync(Turn turn, int? cut, List<PostgresMessage> answer)
    {
        await SendAsync(turn.Bytes, cut);
        if (turn.Cancels)
        {
            // A cancel that overtakes its command hits nothing, here as at the server.
            var first = _client.ReadAsync();
            do
                await CancelAsync();
            while (await Task.WhenAny(first, Task.Delay(1000)) != first);
            answer.Add(await first);
        }
        if (turn.Next is { } next)
        {
            while (answer.Count == 0 || answer[^1].Type is not ('G' or 'Z'))
                answer.Add(await _client.ReadAsync());
            if (answer[^1].Type == 'G')
                await SendAsync(next, cut < next.Length ? cut : null);
        }
        await _client.SendAsync(Mark);
        while (!EndsWithMark(answer))
            answer.Add(await _client.ReadAsync());
    }

    /// <summary>
    /// What must be equal: every byte, but for settings that are the gateway's own or told to nobody under masks, errors about names that
    /// nothing has (the gateway gives them in the server's place, and refuses them under masks), and, under masks, all of errors and
    /// notices
    /// that may quote a value.
    /// </summary>
    public static List<string> Comparable(IEnumerable<PostgresMessage> answer, bool isVeiled) =>
        [.. answer.Where(m => m.Type != 'S' || IsCompared(m, isVeiled)).Select(m => Comparable(m, isVeiled))];

    public ValueTask DisposeAsync() => _client.DisposeAsync();

    private static bool IsCompared(PostgresMessage parameter, bool isVeiled)
    {
        var name = parameter.Text.Split(' ')[0];
        return name != "application_name" && (!isVeiled || Reported.Contains(name));
    }

    private static string Comparable(PostgresMessage message, bool isVeiled)
    {
        if (message.Type is 'E' && (message.Field('C') is "26000" or "34000" or "25P02" || (isVeiled && message.Field('C') == "42501")))
            return $"E {message.Field('V')} no such name, or a failed transaction";
        if (message.Type is 'E' or 'N' && isVeiled)
            return $"{message.Type} {message.Field('V')} {message.Field('C')}";
        return $"{message.Type} {Convert.ToHexString(message.Body)} {message.Text}";
    }

    private static bool EndsWithMark(List<PostgresMessage> answer)
    {
        if (answer.Count < 8)
            return false;
        for (var i = 1; i <= 8; i++)
        {
            if (answer[^i].Type != (i % 2 == 1 ? 'Z' : 'I'))
                return false;
        }
        return true;
    }

    private async Task SendAsync(byte[] bytes, int? cut)
    {
        if (cut is { } offset)
            await _client.SendSplitAsync(bytes, offset);
        else
            await _client.SendAsync(bytes);
    }

    private async Task CancelAsync()
    {
        await Task.Delay(100);
        await using var other = await RawPostgresClient.ConnectAsync(_target.Host, _target.Port);
        var (process, secret) = _client.CancelKey;
        await other.SendAsync(Messages.Initial(Messages.CancelRequest, Messages.Int32(process), secret));
        await other.IsClosedByServerAsync();
    }
}
