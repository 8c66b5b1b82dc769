using Sallyport.Core;

namespace Sallyport.Postgres.Sql;

/// <content>SET and RESET by any spelling: the statement, set_config, an UPDATE of pg_settings.</content>
internal sealed partial class StatementReader
{
    private void VisitSet(SqlNode body)
    {
        var kind = body["kind"u8].Text;
        var name = body["name"u8].Text.ToLowerInvariant();
        var verb = kind.StartsWith("VAR_RESET", StringComparison.Ordinal) ? "reset" : "set";
        if (kind == "VAR_SET_MULTI" && name != "session characteristics")
        {
            Describe(StatementKind.Transaction, "set_transaction");
            Add(EffectKind.Transaction, "set_transaction", []);
            return;
        }
        // A function's or a role's own setting is no SET of this session.
        if (_verb is not null)
        {
            AddOnce(_sink, Setting(name));
            if (IsIdentity(name))
                Add(EffectKind.Privilege, $"{verb}_{name}", [Setting(name)]);
            return;
        }
        Describe(StatementKind.Set, verb, name);
        var arguments = body["args"u8];
        Set(verb, name, name == "search_path" ? SchemaList(arguments) : arguments.Count == 1 ? SqlNames.Constant(arguments.Last) : null);
        _mayMoveNames |= kind == "VAR_RESET_ALL";
    }

    private void VisitSetConfig(EffectObject function, SqlNode arguments)
    {
        AddCall(new SqlCall(function, arguments.Count, IsProcedure: false));
        string? name = null, value = null;
        var index = 0;
        foreach (var argument in arguments.Items)
        {
            if (index == 0)
                name = SqlNames.Constant(argument)?.ToLowerInvariant();
            else if (index == 1)
                value = SqlNames.Constant(argument);
            index++;
        }
        if (name is null)
            SetUnknown("set_config", function);
        else
            SetByFunction(name, value);
    }

    private void SetByFunction(string name, string? value)
    {
        var first = _kind == StatementKind.Plain;
        if (first)
            (_kind, _name) = (StatementKind.Set, name);
        else if (_kind == StatementKind.Set)
            (_name, _mayMoveNames) = (null, true);
        Set("set_config", name, value);
        if (!first)
            _value = null;
    }

    // It may be any setting, the role among them.
    private void SetUnknown(string verb, EffectObject by)
    {
        if (_kind is StatementKind.Plain or StatementKind.Set)
            (_kind, _name, _value) = (StatementKind.Set, null, null);
        Add(EffectKind.Privilege, verb, [by]);
        Add(EffectKind.Session, verb, [by]);
        _mayMoveNames = true;
    }

    private void Set(string verb, string name, string? value)
    {
        _value = value;
        if (IsIdentity(name))
        {
            Add(EffectKind.Privilege, $"{verb}_{name}", [value is null ? Setting(name) : new EffectObject(ObjectType.Role, "", value)]);
            _mayMoveNames = true;
            return;
        }
        Add(EffectKind.Session, verb, [Setting(name)]);
        _mayMoveNames |= name == "search_path";
    }

    // As set_config would be given it: each argument of SET is one schema, whatever it is made of.
    private static string? SchemaList(SqlNode arguments)
    {
        var schemas = new List<string?>();
        foreach (var argument in arguments.Items)
            schemas.Add(SqlNames.Constant(argument));
        return schemas.Count == 0 || schemas.Contains(null) ? null : string.Join(", ", schemas.Select(static s => Quoted(s!)));
    }

    private static string Quoted(string name) =>
        name.All(static c => c is '_' || char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c))
            ? name
            : $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static bool IsIdentity(string name) => name is "role" or "session_authorization";

    private static EffectObject Setting(string name) => new(ObjectType.Setting, "", name.ToLowerInvariant());
}
