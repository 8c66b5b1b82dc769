using System.Text;
using static Sallyport.Testing.Wire.ScriptedConnection;

namespace Sallyport.Testing.Wire;

/// <summary>Servers that lie, dawdle or overflow. Each takes one connection to its end.</summary>
public static class UglyScripts
{
    /// <summary>Says yes to TLS and pushes plain bytes along in the same write, for a careless client to take (CVE-2021-23222).</summary>
    public static async Task BytesAfterTlsConsentAsync(ScriptedConnection connection)
    {
        await connection.ReadInitialAsync();
        await connection.SendAsync("S"u8.ToArray(), Messages.Message('R', Messages.Int32(0)), Ready());
        await connection.ReadInitialAsync();
    }

    /// <summary>A SCRAM first message whose nonce has the given length.</summary>
    public static Func<ScriptedConnection, Task> ScramNonceOf(int length) => async connection =>
    {
        await connection.ReadInitialAsync();
        await connection.SendAsync(Messages.Message('R', Messages.Int32(10), Messages.CString("SCRAM-SHA-256"), [0]));
        await connection.ReadAsync();
        var first = Encoding.ASCII.GetBytes($"r={new string('x', length)},s=AAAA,i=4096");
        await connection.SendAsync(Messages.Message('R', Messages.Int32(11), first));
        await connection.ReadAsync();
    };

    /// <summary>
    /// Logs in, answers what asks for the catalogue and, by the extended protocol, for what names mean with no rows, so that a gateway
    /// comes to the client's own query, and that with the bytes given.
    /// </summary>
    public static Func<ScriptedConnection, Task> Answering(params byte[][] answer) => async connection =>
    {
        await connection.AcceptLoginAsync();
        while (true)
        {
            var message = await connection.ReadAsync();
            if (message.Type == 'X')
                return;
            var isCatalogue = message.Type == 'Q' && message.Text.Contains("pg_catalog.", StringComparison.Ordinal);
            await connection.SendAsync(message.Type switch
            {
                'P' => [Messages.Message('1')],
                'B' => [Messages.Message('2')],
                'E' => [CommandComplete("SELECT 0")],
                'C' => [Messages.Message('3')],
                'S' => [Ready()],
                'H' => [],
                _ => isCatalogue ? [RowDescription("oid"), CommandComplete("SELECT 0"), Ready()] : answer,
            });
        }
    };

    /// <summary>Logs in and answers whatever is asked, the catalogue too, with the bytes given.</summary>
    public static Func<ScriptedConnection, Task> AnsweringAll(params byte[][] answer) => async connection =>
    {
        await connection.AcceptLoginAsync();
        while ((await connection.ReadAsync()).Type != 'X')
            await connection.SendAsync(answer);
    };

    /// <summary>A message that claims this length, below 4 and above every limit included.</summary>
    public static Func<ScriptedConnection, Task> LyingLength(char type, int length) =>
        Answering(Messages.WithLength(type, length, new byte[8]));

    public static Func<ScriptedConnection, Task> ErrorWithoutSqlState => Answering(Error(('S', "ERROR"), ('M', "no code")), Ready());

    /// <summary>Announces one column and sends two, the second of which no mask was planned for.</summary>
    public static Func<ScriptedConnection, Task> MoreValuesThanColumns =>
        Answering(RowDescription("a"), DataRow("1", "secret"), CommandComplete("SELECT 1"), Ready());

    /// <summary>A row nobody described.</summary>
    public static Func<ScriptedConnection, Task> RowWithoutDescription =>
        Answering(DataRow("secret"), CommandComplete("SELECT 1"), Ready());

    /// <summary>One DataRow of the given number of bytes, made while it is sent.</summary>
    public static Func<ScriptedConnection, Task> HugeRow(long bytes) => async connection =>
    {
        await connection.AcceptLoginAsync();
        await connection.ReadAsync();
        await connection.SendAsync(RowDescription("a"));
        await connection.StreamAsync('D', bytes);
        await connection.SendAsync(CommandComplete("SELECT 1"), Ready());
    };

    /// <summary>A good answer, one byte at a time.</summary>
    public static async Task DrippingAsync(ScriptedConnection connection)
    {
        await connection.AcceptLoginAsync();
        await connection.ReadAsync();
        var answer = Messages.Join(RowDescription("a"), DataRow("1"), CommandComplete("SELECT 1"), Ready());
        await connection.DripAsync(answer, TimeSpan.FromMilliseconds(1));
        await connection.ReadAsync();
    }

    /// <summary>Accepts and says nothing until it is stopped.</summary>
    public static async Task SilentAsync(ScriptedConnection connection)
    {
        while (true)
            await connection.ReadInitialAsync();
    }
}
