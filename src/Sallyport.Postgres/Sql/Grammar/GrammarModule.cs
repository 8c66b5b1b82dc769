using System.Security.Cryptography;
using Wasmtime;

namespace Sallyport.Postgres.Sql;

/// <summary>
/// The compiled grammar: the engine, the module and the clock that interrupts a parse which takes too long. Makes instances;
/// thread-safe. Owns everything native; dispose it after its instances.
/// </summary>
internal sealed class GrammarModule : IDisposable
{
    private const string ResourceName = "libpg-query.wasm";
    private const int TicksPerLimit = 10;

    // Twice this makes the runtime's own reserve too small on threads with 1.5 MB of stack; 512 KB reads 2,000 nested terms.
    private const int StackBytes = 512 * 1024;

    private readonly Engine _engine;
    private readonly ITimer _clock;

    private GrammarModule(Engine engine, Module module, SqlReaderOptions options)
    {
        _engine = engine;
        Module = module;
        var tick = options.TimeLimit / TicksPerLimit;
        _clock = options.Time.CreateTimer(static e => ((Engine)e!).IncrementEpoch(), engine, tick, tick);
    }

    public Module Module { get; }

    public static GrammarModule Load(SqlReaderOptions options)
    {
        var engine = new Engine(new Config().WithEpochInterruption(true).WithMaximumStackSize(StackBytes));
        try
        {
            return new GrammarModule(engine, LoadModule(engine, options.CacheFolder), options);
        }
        catch
        {
            engine.Dispose();
            throw;
        }
    }

    public GrammarInstance CreateInstance()
    {
        var store = new Store(_engine);
        try
        {
            return new GrammarInstance(_engine, store, Module, TicksPerLimit);
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _clock.Dispose();
        Module.Dispose();
        _engine.Dispose();
    }

    private static Module LoadModule(Engine engine, string? folder)
    {
        using var resource = typeof(GrammarModule).Assembly.GetManifestResourceStream(ResourceName)
            ?? throw new InvalidOperationException("The SQL grammar is not in the assembly: the build did not embed it.");
        var cache = folder is null ? null : new GrammarCache(folder, Convert.ToHexStringLower(SHA256.HashData(resource)));
        return cache?.TryLoad(engine) ?? Compile(engine, resource, cache);
    }

    private static Module Compile(Engine engine, Stream resource, GrammarCache? cache)
    {
        var wasm = new byte[resource.Length];
        resource.Position = 0;
        resource.ReadExactly(wasm);
        var module = Module.FromBytes(engine, ResourceName, wasm);
        cache?.Save(module);
        return module;
    }
}
