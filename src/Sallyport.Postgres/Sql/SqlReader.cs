using System.IO.Hashing;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;
using Sallyport.Core;

namespace Sallyport.Postgres.Sql;

/// <summary>
/// SQL text → <see cref="SqlFacts"/> by PostgreSQL's own grammar, for all sessions. Thread-safe, does no I/O after
/// <see cref="Create"/>, throws nothing on hostile text: what cannot be read is one <see cref="EffectKind.Opaque"/> effect whose
/// detail says why. A text that was read before costs a look-up. Assumes UTF-8 and standard_conforming_strings=on.
/// </summary>
public sealed class SqlReader : IDisposable
{
    /// <summary>The verb of a text that could not be read at all.</summary>
    public const string UnreadableVerb = "unreadable";

    /// <summary>How the detail begins when PostgreSQL itself would refuse the text.</summary>
    public const string SyntaxErrorPrefix = "syntax error: ";

    private const int CacheText = 64 << 10;
    private const int CacheBuckets = 8192;

    private const string TooDeep = "nested too deeply";

    private readonly GrammarPool _pool;
    private readonly FactsCache _cache;
    private readonly int _maximumText;

    private SqlReader(GrammarPool pool, SqlReaderOptions options)
    {
        _pool = pool;
        _maximumText = options.MaximumText;
        var seed = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));
        _cache = new FactsCache(options.CacheBytes, CacheText, CacheBuckets, text => XxHash3.HashToUInt64(text, seed));
    }

    /// <summary>Loads the grammar: a few milliseconds with a warm cache folder, about a second without.</summary>
    public static SqlReader Create(SqlReaderOptions options)
    {
        var module = GrammarModule.Load(options);
        try
        {
            return new SqlReader(new GrammarPool(module), options);
        }
        catch
        {
            module.Dispose();
            throw;
        }
    }

    /// <summary>What the text does. The text is one query string without its terminating NUL.</summary>
    public SqlFacts Read(ReadOnlySpan<byte> text)
    {
        if (_cache.Find(text) is { } known)
            return known;
        // The facts outlive the caller's buffer and carry their text; the cache shares this copy.
        var own = text.ToArray();
        if (own.Length > _maximumText)
            return Unreadable("the text is too long to be read", own);
        if (own.AsSpan().Contains((byte)0))
            return Unreadable("the text has a NUL byte", own);
        if (!Utf8.IsValid(own))
            return Unreadable("the text is not valid UTF-8", own);
        var facts = Parse(own, isScript: false, out var final);
        if (final)
            _cache.Add(own, facts);
        return facts;
    }

    public void Dispose() => _pool.Dispose();

    /// <param name="text">Clean text.</param>
    /// <param name="isScript">It was a string in another text.</param>
    /// <param name="final">False when another try might end otherwise: how long it took and what memory was left decided.</param>
    private SqlFacts Parse(byte[] text, bool isScript, out bool final)
    {
        var worker = _pool.Rent();
        var outcome = worker.Grammar.Parse(text, worker.Tree);
        final = outcome != GrammarOutcome.Trapped;
        if (outcome == GrammarOutcome.Trapped)
        {
            worker.Dispose();
            return Unreadable(worker.Grammar.Message, text);
        }
        try
        {
            return outcome switch
            {
                GrammarOutcome.Parsed => ReadTree(worker.Tree, text, isScript),
                GrammarOutcome.SyntaxError => Unreadable(SyntaxErrorPrefix + worker.Grammar.Message, text),
                _ => Unreadable(TooDeep, text),
            };
        }
        catch (InsufficientExecutionStackException)
        {
            final = false;
            return Unreadable(TooDeep, text);
        }
        finally
        {
            _pool.Return(worker);
        }
    }

    private SqlFacts ReadTree(SqlTree tree, byte[] text, bool isScript)
    {
        var effects = new List<Effect>();
        var statements = new List<SqlStatement>();
        foreach (var raw in tree.Root["stmts"u8].Items)
        {
            var start = raw["stmt_location"u8].Int;
            var own = raw["stmt_len"u8].Int;
            statements.Add(StatementReader.Read(raw["stmt"u8], start, own == 0 ? text.Length - start : own, effects));
        }
        foreach (var script in statements.SelectMany(static s => s.Scripts))
            effects.AddRange(ReadScript(script, isScript).Effects.Except(effects));
        return new SqlFacts([.. effects], [.. statements]) { Text = text };
    }

    // A script in a script would cost a worker a level.
    private SqlFacts ReadScript(string script, bool isNested)
    {
        var text = Encoding.UTF8.GetBytes(script);
        return isNested || text.Contains((byte)0) ? Unreadable(TooDeep, text) : Parse(text, isScript: true, out _);
    }

    private static SqlFacts Unreadable(string why, byte[] text) =>
        new([new Effect(EffectKind.Opaque, UnreadableVerb) { Detail = why }], []) { Text = text };
}
