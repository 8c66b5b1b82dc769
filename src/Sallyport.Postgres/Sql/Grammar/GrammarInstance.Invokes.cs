using Wasmtime;

namespace Sallyport.Postgres.Sql;

/// <content>
/// The <c>invoke_*</c> imports: call a function of the table, catch a longjmp on its way. One per signature, named like the
/// package's glue names them: result first, <c>i</c> = int, <c>j</c> = long, <c>v</c> = nothing.
/// </content>
internal sealed partial class GrammarInstance
{
    private void DefineInvokes(Linker linker)
    {
        linker.DefineFunction(ModuleName, "g", (int f) => InvokeI(f));
        linker.DefineFunction(ModuleName, "b", (int f, int a1) => InvokeIi(f, a1));
        linker.DefineFunction(ModuleName, "a", (int f, int a1, int a2) => InvokeIii(f, a1, a2));
        linker.DefineFunction(ModuleName, "d", (int f, int a1, int a2, int a3) => InvokeIiii(f, a1, a2, a3));
        linker.DefineFunction(ModuleName, "k", (int f, int a1, int a2, int a3, int a4) => InvokeIiiii(f, a1, a2, a3, a4));
        linker.DefineFunction(ModuleName, "l", (int f, int a1) => InvokeJi(f, a1));
        linker.DefineFunction(ModuleName, "e", (int f) => InvokeV(f));
        linker.DefineFunction(ModuleName, "f", (int f, int a1) => InvokeVi(f, a1));
        linker.DefineFunction(ModuleName, "h", (int f, int a1, int a2) => InvokeVii(f, a1, a2));
        linker.DefineFunction(ModuleName, "j", (int f, int a1, int a2, int a3) => InvokeViii(f, a1, a2, a3));
        linker.DefineFunction(ModuleName, "i", (int f, int a1, int a2, int a3, int a4) => InvokeViiii(f, a1, a2, a3, a4));
        linker.DefineFunction(ModuleName, "y", (int f, int a1, int a2, int a3, int a4, int a5) => InvokeViiiii(f, a1, a2, a3, a4, a5));
        linker.DefineFunction(ModuleName, "n", InvokeMany, Enumerable.Repeat(ValueKind.Int32, 14).ToArray(), []);
    }

    private int InvokeI(int f)
    {
        var stack = SaveStack();
        try
        {
            return Function<Func<int>>(f, static t => t.WrapFunc<int>())();
        }
        catch (Exception e) when (IsJump(e))
        {
            return Land(stack);
        }
    }

    private int InvokeIi(int f, int a1)
    {
        var stack = SaveStack();
        try
        {
            return Function<Func<int, int>>(f, static t => t.WrapFunc<int, int>())(a1);
        }
        catch (Exception e) when (IsJump(e))
        {
            return Land(stack);
        }
    }

    private int InvokeIii(int f, int a1, int a2)
    {
        var stack = SaveStack();
        try
        {
            return Function<Func<int, int, int>>(f, static t => t.WrapFunc<int, int, int>())(a1, a2);
        }
        catch (Exception e) when (IsJump(e))
        {
            return Land(stack);
        }
    }

    private int InvokeIiii(int f, int a1, int a2, int a3)
    {
        var stack = SaveStack();
        try
        {
            return Function<Func<int, int, int, int>>(f, static t => t.WrapFunc<int, int, int, int>())(a1, a2, a3);
        }
        catch (Exception e) when (IsJump(e))
        {
            return Land(stack);
        }
    }

    private int InvokeIiiii(int f, int a1, int a2, int a3, int a4)
    {
        var stack = SaveStack();
        try
        {
            return Function<Func<int, int, int, int, int>>(f, static t => t.WrapFunc<int, int, int, int, int>())(a1, a2, a3, a4);
        }
        catch (Exception e) when (IsJump(e))
        {
            return Land(stack);
        }
    }

    private long InvokeJi(int f, int a1)
    {
        var stack = SaveStack();
        try
        {
            return Function<Func<int, long>>(f, static t => t.WrapFunc<int, long>())(a1);
        }
        catch (Exception e) when (IsJump(e))
        {
            return Land(stack);
        }
    }

    private void InvokeV(int f)
    {
        var stack = SaveStack();
        try
        {
            Function<Action>(f, static t => t.WrapAction())();
        }
        catch (Exception e) when (IsJump(e))
        {
            Land(stack);
        }
    }

    private void InvokeVi(int f, int a1)
    {
        var stack = SaveStack();
        try
        {
            Function<Action<int>>(f, static t => t.WrapAction<int>())(a1);
        }
        catch (Exception e) when (IsJump(e))
        {
            Land(stack);
        }
    }

    private void InvokeVii(int f, int a1, int a2)
    {
        var stack = SaveStack();
        try
        {
            Function<Action<int, int>>(f, static t => t.WrapAction<int, int>())(a1, a2);
        }
        catch (Exception e) when (IsJump(e))
        {
            Land(stack);
        }
    }

    private void InvokeViii(int f, int a1, int a2, int a3)
    {
        var stack = SaveStack();
        try
        {
            Function<Action<int, int, int>>(f, static t => t.WrapAction<int, int, int>())(a1, a2, a3);
        }
        catch (Exception e) when (IsJump(e))
        {
            Land(stack);
        }
    }

    private void InvokeViiii(int f, int a1, int a2, int a3, int a4)
    {
        var stack = SaveStack();
        try
        {
            Function<Action<int, int, int, int>>(f, static t => t.WrapAction<int, int, int, int>())(a1, a2, a3, a4);
        }
        catch (Exception e) when (IsJump(e))
        {
            Land(stack);
        }
    }

    private void InvokeViiiii(int f, int a1, int a2, int a3, int a4, int a5)
    {
        var stack = SaveStack();
        try
        {
            Function<Action<int, int, int, int, int>>(f, static t => t.WrapAction<int, int, int, int, int>())(a1, a2, a3, a4, a5);
        }
        catch (Exception e) when (IsJump(e))
        {
            Land(stack);
        }
    }

    // Thirteen arguments: more than the runtime's typed delegates take.
    private void InvokeMany(Caller caller, ReadOnlySpan<ValueBox> arguments, Span<ValueBox> results)
    {
        var stack = SaveStack();
        try
        {
            var function = (Function)_table.GetElement((uint)arguments[0].AsInt32())!;
            function.Invoke(arguments[1..]);
        }
        catch (Exception e) when (IsJump(e))
        {
            Land(stack);
        }
    }

    private TDelegate Function<TDelegate>(int index, Func<Function, TDelegate?> wrap)
        where TDelegate : Delegate
    {
        if (_functions[index] is TDelegate known)
            return known;
        var function = (Function)_table.GetElement((uint)index)!;
        var wrapped = wrap(function) ?? throw Unfit("function of that type");
        _functions[index] = wrapped;
        return wrapped;
    }

    // A trap on its way out loses its code at each host function it crosses, so the first one is kept.
    private bool IsJump(Exception exception)
    {
        Keep(exception);
        return _jumping;
    }

    /// <summary>Never true: it only looks at what passes by.</summary>
    private bool Keep(Exception exception)
    {
        if (exception is TrapException trap)
            _trap ??= trap.Type;
        return false;
    }

    // These calls may be the ones that the time limit hits.
    private int SaveStack()
    {
        try
        {
            return _stackSave();
        }
        catch (Exception e) when (Keep(e))
        {
            throw;
        }
    }

    private int Land(int stack)
    {
        _jumping = false;
        try
        {
            _stackRestore(stack);
            _setThrew(1, 0);
        }
        catch (Exception e) when (Keep(e))
        {
            throw;
        }
        return 0;
    }
}
