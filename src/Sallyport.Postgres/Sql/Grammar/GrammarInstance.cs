using System.Text;
using Wasmtime;

namespace Sallyport.Postgres.Sql;

/// <summary>How a parse ended.</summary>
internal enum GrammarOutcome : byte
{
    Parsed,

    /// <summary>PostgreSQL itself would refuse the text; <see cref="GrammarInstance.Message"/> says why.</summary>
    SyntaxError,

    /// <summary>It parsed, but the tree is deeper than the reader follows.</summary>
    TooDeep,

    /// <summary>Too deep, too long, too large: the instance is broken and must be dropped.</summary>
    Trapped,
}

/// <summary>
/// One running copy of the grammar with its own memory. Not thread-safe. Usable until a parse is
/// <see cref="GrammarOutcome.Trapped"/>.
/// </summary>
internal sealed partial class GrammarInstance : IDisposable
{
    private const long MaximumMemory = 512L << 20;

    // Linear memory never shrinks; an instance that once met a huge text is not worth keeping.
    private const long WornMemory = 192L << 20;

    private readonly Store _store;
    private readonly ulong _ticks;
    private readonly Memory _memory;
    private readonly Table _table;
    private readonly Func<int, int> _malloc;
    private readonly Action<int> _free;
    private readonly Func<int, int> _parse;
    private readonly Action<int> _freeResult;

    public GrammarInstance(Engine engine, Store store, Module module, int ticks)
    {
        _store = store;
        _ticks = (ulong)ticks + 1;
        store.SetLimits(memorySize: MaximumMemory);
        // What runs here is the module's own, not a client's text: a machine that stands still must not cost an instance.
        store.SetEpochDeadline(uint.MaxValue);
        using var linker = new Linker(engine);
        DefineImports(linker);
        // The exports' one-letter names are those of the package's own glue (libpg-query 18.1.5, wasm/libpg-query.js).
        var instance = linker.Instantiate(store, module);
        _memory = instance.GetMemory("z") ?? throw Unfit("memory");
        _table = instance.GetTable("D") ?? throw Unfit("table");
        _malloc = instance.GetFunction<int, int>("C") ?? throw Unfit("malloc");
        _free = instance.GetAction<int>("E") ?? throw Unfit("free");
        _parse = instance.GetFunction<int, int>("F") ?? throw Unfit("parse");
        _freeResult = instance.GetAction<int>("G") ?? throw Unfit("free_parse_result");
        _setThrew = instance.GetAction<int, int>("P") ?? throw Unfit("setThrew");
        _stackRestore = instance.GetAction<int>("Q") ?? throw Unfit("stack_restore");
        _stackSave = instance.GetFunction<int>("R") ?? throw Unfit("stack_get_current");
        _functions = new Delegate?[_table.GetSize()];
        (instance.GetAction("A") ?? throw Unfit("constructors"))();
    }

    /// <summary>Why the last parse failed.</summary>
    public string Message { get; private set; } = "";

    public bool IsWorn => _memory.GetLength() > WornMemory;

    /// <summary>Parses a text without NUL bytes; the tree is written to <paramref name="tree"/> when it parsed.</summary>
    public GrammarOutcome Parse(ReadOnlySpan<byte> text, SqlTree tree)
    {
        try
        {
            _store.SetEpochDeadline(_ticks);
            var input = _malloc(text.Length + 1);
            if (input == 0)
                return Trap("out of memory");
            text.CopyTo(_memory.GetSpan(input, text.Length));
            _memory.WriteByte(input + text.Length, 0);
            var result = _parse(input);
            if (result == 0)
                return Trap("out of memory");
            var outcome = ReadResult(result, tree);
            _freeResult(result);
            _free(input);
            return outcome;
        }
        catch (WasmtimeException e)
        {
            return Trap((_trap ?? (e as TrapException)?.Type) switch
            {
                TrapCode.Interrupt => "took too long",
                TrapCode.StackOverflow => "nested too deeply",
                _ => "the grammar failed",
            });
        }
    }

    public void Dispose() => _store.Dispose();

    // PgQueryParseResult { char* parse_tree; char* stderr_buffer; PgQueryError* error; }, PgQueryError { char* message; ... }.
    private GrammarOutcome ReadResult(int result, SqlTree tree)
    {
        var error = _memory.ReadInt32(result + 8);
        if (error != 0)
        {
            Message = Encoding.UTF8.GetString(ReadText(_memory.ReadInt32(error)));
            return GrammarOutcome.SyntaxError;
        }
        return tree.TryLoad(ReadText(_memory.ReadInt32(result))) ? GrammarOutcome.Parsed : GrammarOutcome.TooDeep;
    }

    private ReadOnlySpan<byte> ReadText(int address)
    {
        if (address == 0)
            return [];
        var rest = _memory.GetSpan<byte>(address, checked((int)(_memory.GetLength() - address)));
        var end = rest.IndexOf((byte)0);
        return end < 0 ? [] : rest[..end];
    }

    private GrammarOutcome Trap(string why)
    {
        Message = why;
        return GrammarOutcome.Trapped;
    }

    private static InvalidOperationException Unfit(string what) => new($"The SQL grammar has no {what}: it is not the version the gateway knows.");
}
