using Wasmtime;

namespace Sallyport.Postgres.Sql;

/// <content>
/// What the grammar asks of its host (the emscripten runtime's contract). PostgreSQL raises errors by longjmp: a call that may be
/// jumped out of goes through an <c>invoke_*</c> import, and the jump itself is a host exception that the nearest one catches.
/// </content>
internal sealed partial class GrammarInstance
{
    private const string ModuleName = "a";
    private const int BadFile = 8;
    private const long GrowthStep = 16 << 20;

    private readonly Action<int, int> _setThrew;
    private readonly Action<int> _stackRestore;
    private readonly Func<int> _stackSave;
    private readonly Delegate?[] _functions;
    private bool _jumping;
    private TrapCode? _trap;

    private void DefineImports(Linker linker)
    {
        DefineInvokes(linker);
        linker.DefineFunction(ModuleName, "p", () =>
        {
            _jumping = true;
            throw new LongJumpException();
        });
        linker.DefineFunction(ModuleName, "c", static (int _, int _, int _, int _) => Abort());
        linker.DefineFunction(ModuleName, "x", static () => Abort());
        linker.DefineFunction(ModuleName, "m", static (int _) => Abort());
        linker.DefineFunction(ModuleName, "v", static (int _) => Abort());
        linker.DefineFunction(ModuleName, "w", static () => { });
        linker.DefineFunction(ModuleName, "o", static (int _, double _) => 0);
        linker.DefineFunction(ModuleName, "q", (int size) => Grow((uint)size));
        linker.DefineFunction(ModuleName, "u", static (int _) => BadFile);
        linker.DefineFunction(ModuleName, "r", static (int _, int _, int _, int _) => BadFile);
        linker.DefineFunction(ModuleName, "s", static (int _, long _, int _, int _) => BadFile);
        linker.DefineFunction(ModuleName, "t", static (int _, int _, int _, int _) => BadFile);
    }

    private int Grow(uint size)
    {
        try
        {
            var missing = Math.Max(size - _memory.GetLength(), GrowthStep);
            _memory.Grow((missing + Memory.PageSize - 1) / Memory.PageSize);
            return 1;
        }
        catch (WasmtimeException)
        {
            return 0;
        }
    }

    private static void Abort() => throw new InvalidOperationException("The SQL grammar aborted.");

    private sealed class LongJumpException : Exception;
}
