using Sallyport.Core;
using Sallyport.Postgres.Catalogue;
using Sallyport.Postgres.Sql;

namespace Sallyport.Postgres.Session;

/// <content>What a text refers to: which of the database's own functions its calls, operators, casts and names may mean.</content>
internal sealed partial class CodeTrail
{
    private void ReadReferences(SqlStatement statement, CodeScope scope, HashSet<string> followed, HashSet<string> unknown)
    {
        foreach (var call in statement.Calls)
        {
            var isOpen = IsOpen(call);
            var isFollowed = Call(call, isOpen, scope);
            if (isOpen)
                (isFollowed ? followed : unknown).Add(call.Unread);
        }
        foreach (var name in statement.Operators)
        {
            var isOpen = name.Schema.Length > 0 || !BuiltIns.IsOperator(name.Name);
            var isFollowed = (isOpen || !scope.IsPrinted) && Run(CodeUser.Operator, name.Name, isOpen, scope);
            if (isOpen)
                (isFollowed ? followed : unknown).Add(SqlCall.UnreadOperator(name));
        }
        foreach (var type in statement.Casts)
            Run(CodeUser.Cast, type, withExtensions: false, scope);
        foreach (var type in statement.Types)
        {
            foreach (var check in _own.UsesOf(CodeUser.Domain, type))
                RunAttached(check.Function, scope.Lent ?? EffectKind.Read);
        }
        // What the server prints is a column.
        foreach (var function in scope.IsPrinted ? [] : statement.Notations.SelectMany(_own.ByNotation))
            Reach(function, scope);
        if (statement.Body is { } body)
        {
            foreach (var inner in body.Statements)
                ReadReferences(inner, scope, followed, unknown);
        }
    }

    /// <summary>Whether it is of no built-in that is known.</summary>
    public static bool IsOpen(SqlCall call) =>
        call.IsProcedure || FunctionTable.EffectOf(call.Function.Schema, call.Function.Name, call.Arguments) == EffectKind.Opaque;

    /// <summary>False when the catalogue knows no function that it may be.</summary>
    private bool Call(SqlCall call, bool isOpen, CodeScope scope)
    {
        var found = false;
        foreach (var function in _own.Named(call.Function.Name))
        {
            // An extension that has a built-in's name does nothing with it: citext has a replace() of its own.
            if (!scope.MayMean(call.Function.Schema, function.Schema) || !function.Fits(call.Arguments) ||
                (function.IsExtension && !isOpen))
                continue;
            found = true;
            Reach(function, scope);
        }
        // type(value) is a cast where there is no such function.
        if (call.Arguments == 1)
            Run(CodeUser.Cast, call.Function.Name, withExtensions: false, scope);
        return found;
    }

    private bool Run(CodeUser user, string name, bool withExtensions, CodeScope scope)
    {
        var found = false;
        foreach (var use in _own.UsesOf(user, name))
        {
            if (use.IsExtension && !withExtensions)
                continue;
            found = true;
            Run(use.Function, scope);
        }
        return found;
    }

    private void Run(FunctionReference reference, CodeScope scope)
    {
        if (_own.Find(reference.Oid) is { } function)
        {
            Reach(function, scope);
            return;
        }
        Meet(reference.Name, isTrusted: false, scope);
        var named = new EffectObject(ObjectType.Function, reference.Schema, reference.Name);
        switch (FunctionTable.EffectOf(reference.Schema, reference.Name, reference.Arguments))
        {
            case null:
                break;
            case EffectKind.Opaque:
                Take(Unread($"function {named} is not known", named), scope);
                break;
            case { } kind:
                Take(new Effect(kind, reference.Name) { Objects = [named] }, scope);
                break;
        }
    }
}
