using Sallyport.Testing.Wire;
using static Sallyport.Testing.Wire.ScriptedConnection;

namespace Sallyport.EndToEnd.Tests.Breaks;

/// <summary>How a server leaves a conversation.</summary>
public enum Departure
{
    /// <summary>It closes, as a server that is stopped does.</summary>
    Fin,

    /// <summary>It resets, as a machine that was started anew does.</summary>
    Reset,

    /// <summary>It says nothing more, as one behind a broken network does.</summary>
    Silence,
}

/// <summary>
/// A fake server that answers three turns (rows, a pipeline, COPY out) and departs after a given number of bytes sent, either to
/// sessions or to those who read the catalogue. Its catalogue is empty.
/// </summary>
internal sealed class MortalUpstream : IAsyncDisposable
{
    private static readonly byte[] Login = Messages.Join(
        Messages.Message('R', Messages.Int32(0)),
        Messages.Message('S', Messages.CString("server_version"), Messages.CString("15.0")),
        Messages.Message('S', Messages.CString("client_encoding"), Messages.CString("UTF8")),
        Messages.Message('S', Messages.CString("standard_conforming_strings"), Messages.CString("on")),
        Messages.Message('K', Messages.Int32(1), Messages.Int32(2)),
        Ready());

    private static readonly byte[] Rows = Messages.Join(RowDescription("a"), DataRow("one"), DataRow("two"), CommandComplete("SELECT 2"));

    private static readonly byte[][] Turns =
    [
        Messages.Join(Rows, Ready()),
        Messages.Join(Messages.Message('1'), Messages.Message('2'), Rows, Ready()),
        Messages.Join(
            Messages.Message('H', [0], Messages.Int16(1), Messages.Int16(0)), Messages.Message('d', "1\n"u8.ToArray()),
            Messages.Message('c'),
            CommandComplete("COPY 1"), Ready()),
    ];

    private static readonly byte[] NoRows = Messages.Join(RowDescription("oid"), CommandComplete("SELECT 0"), Ready());

    private readonly ScriptedUpstream _upstream;

    public MortalUpstream() => _upstream = new ScriptedUpstream(ServeAsync);

    public int Port => _upstream.Port;

    public int Accepted => _upstream.Accepted;

    /// <summary>Bytes that it sends on a connection of that kind before it departs.</summary>
    public int Lives { get; set; } = int.MaxValue;

    public Departure Departure { get; set; }

    /// <summary>Whether those who read the catalogue are left, and not sessions.</summary>
    public bool LeavesCatalogue { get; set; }

    /// <summary>What the client sends for each turn.</summary>
    public static byte[][] Asked { get; } =
    [
        Messages.Query("select a"),
        Messages.Join(
            Messages.Parse("", "select a"), Messages.Bind("", ""), Messages.Describe('P', ""), Messages.Execute(""), Messages.Sync()),
        Messages.Query("copy (select 1) to stdout"),
    ];

    /// <summary>Where each message ends that it sends to a session.</summary>
    public static IReadOnlyList<int> Ends { get; } = [.. Parts([Login, .. Turns]).Select(static part => part.End)];

    /// <summary>A row or COPY data passes in pieces, so that no word can follow what was cut inside of it.</summary>
    public static bool IsInsideOfData(int offset) =>
        Parts([Login, .. Turns]).Any(part => part.Type is 'D' or 'd' && part.Start < offset && offset < part.End);

    public static int LoginLength => Login.Length;

    public ValueTask DisposeAsync() => _upstream.DisposeAsync();

    private static IEnumerable<(char Type, int Start, int End)> Parts(byte[][] answers)
    {
        var all = Messages.Join(answers);
        for (var at = 0; at < all.Length;)
        {
            var end = at + 1 + System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(all.AsSpan(at + 1));
            yield return ((char)all[at], at, end);
            at = end;
        }
    }

    private async Task ServeAsync(ScriptedConnection connection)
    {
        var (code, body) = await connection.ReadInitialAsync();
        if (code == Messages.CancelRequest)
            return;
        var isCatalogue = System.Text.Encoding.UTF8.GetString(body).Contains("sallyport:catalogue", StringComparison.Ordinal);
        var left = isCatalogue == LeavesCatalogue ? Lives : int.MaxValue;
        var turn = 0;
        for (var answer = Login; await SendAsync(answer); answer = isCatalogue ? NoRows : Turns[turn++])
        {
            PostgresMessage message;
            do
                message = await connection.ReadAsync();
            while (message.Type is not ('Q' or 'S' or 'X'));
            if (message.Type == 'X' || turn == Turns.Length)
                return;
            if (message.Text.StartsWith("!sallyport", StringComparison.Ordinal))
            {
                await connection.SendAsync(Error(('S', "ERROR"), ('V', "ERROR"), ('C', "42601"), ('M', "syntax error")), Ready());
                await connection.ReadAsync();
                return;
            }
        }

        async Task<bool> SendAsync(byte[] answer)
        {
            var part = Math.Min(left, answer.Length);
            left -= part;
            await connection.SendAsync(answer[..part]);
            if (left > 0)
                return true;
            if (Departure == Departure.Silence)
                await connection.WaitAsync();
            if (Departure == Departure.Reset)
                connection.Reset();
            return false;
        }
    }
}
