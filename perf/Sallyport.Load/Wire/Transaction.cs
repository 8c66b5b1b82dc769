using System.Text;
using Sallyport.Testing.Wire;

namespace Sallyport.Load.Wire;

/// <summary>By which of PostgreSQL's protocols a transaction runs, in pgbench's words (-M).</summary>
public enum QueryMode
{
    /// <summary>One Query with the key in its text: 5,000 texts.</summary>
    Simple,

    /// <summary>Parse, Bind, Describe, Execute, Sync in one write, as libpq's PQexecParams.</summary>
    Extended,

    /// <summary>Bind, Describe, Execute, Sync in one write, as libpq's PQexecPrepared.</summary>
    Prepared,
}

/// <summary>
/// The transaction that every loop runs: one row by its key out of 5,000 hot ones, with two columns that the gateway masks. The request is
/// patched in place.
/// </summary>
public sealed class Transaction
{
    public const int HotKeys = 5_000;
    public const string Statement = "select abalance, email, card from accounts where aid = ";

    private const string StatementName = "load";
    private const string KeyOfFiveDigits = "00001";

    private readonly byte[] _request;
    private readonly int _keyAt;

    public Transaction(QueryMode mode)
    {
        _request = mode switch
        {
            QueryMode.Simple => Messages.Query(Statement + KeyOfFiveDigits),
            QueryMode.Extended => Messages.Join(Parse(""), Execution("")),
            _ => Execution(StatementName),
        };
        _keyAt = _request.AsSpan().IndexOf(Encoding.ASCII.GetBytes(KeyOfFiveDigits));
    }

    /// <summary>What a connection sends once before it can run transactions of this mode.</summary>
    public static byte[] Preparation(QueryMode mode) =>
        mode == QueryMode.Prepared ? Messages.Join(Parse(StatementName), Messages.Sync()) : Messages.Sync();

    /// <summary>
    /// The bytes of the nth transaction, until the next call. A multiplicative walk: neighbours in time are not neighbours on a page.
    /// </summary>
    public ReadOnlySpan<byte> Request(int n)
    {
        var key = 1 + (int)((uint)n * 2654435761u % HotKeys);
        for (var i = _keyAt + KeyOfFiveDigits.Length - 1; i >= _keyAt; i--, key /= 10)
            _request[i] = (byte)('0' + key % 10);
        return _request;
    }

    private static byte[] Parse(string name) =>
        Messages.Message('P', Messages.CString(name), Messages.CString(Statement + "$1"), Messages.Int16(1), Messages.Int32(23));

    private static byte[] Execution(string name) => Messages.Join(
        Messages.Bind("", name, KeyOfFiveDigits), Messages.Describe('P', ""), Messages.Execute(""), Messages.Sync());
}
