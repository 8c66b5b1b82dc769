using Sallyport.Core;

namespace Sallyport.Postgres.Sql;

/// <content>Relations, columns, roles and function calls wherever an expression or a list names them.</content>
internal sealed partial class StatementReader
{
    private readonly HashSet<string> _columns = [];
    private readonly HashSet<string> _rows = [];

    // Once this is false, a column can no longer be attributed to the only relation.
    private bool _columnsKnown = true;

    // Inside CREATE TABLE: a default that draws from a sequence draws nothing yet.
    private bool _deferred;

    private void VisitRelation(SqlNode rangeVar)
    {
        var relation = SqlNames.Relation(rangeVar);
        _rows.Add(relation.Name);
        if (rangeVar["alias"u8] is { Exists: true } alias)
        {
            _rows.Add(alias["aliasname"u8].Text);
            _columnsKnown &= !alias["colnames"u8].Exists;
        }
        if (relation.Schema.Length == 0 && _ctes.Contains(relation.Name))
        {
            _columnsKnown = false;
            return;
        }
        AddOnce(_relations, relation);
        AddOnce(_sink, relation);
    }

    private void VisitRole(SqlNode role)
    {
        var name = role["rolename"u8].Exists ? role["rolename"u8].Text : SqlNames.Word(role["roletype"u8], "ROLESPEC_").ToLowerInvariant();
        if (_sink != _reads)
            AddOnce(_sink, new EffectObject(ObjectType.Role, "", name));
    }

    private void VisitObjectWithArguments(SqlNode body)
    {
        if (SqlNames.Qualified(ObjectType.Function, body["objname"u8]) is { } function && _sink != _reads)
            AddOnce(_sink, function);
        // The modifier of a type may be any expression to the grammar.
        VisitMembers(body);
    }

    private void VisitDerived(SqlNode body)
    {
        _columnsKnown = false;
        if (body["alias"u8]["aliasname"u8] is { Exists: true } alias)
            _rows.Add(alias.Text);
        VisitMembers(body);
    }

    private void VisitJoin(SqlNode body)
    {
        foreach (var alias in (ReadOnlySpan<SqlNode>)[body["alias"u8], body["join_using_alias"u8]])
        {
            if (alias.Exists)
                _rows.Add(alias["aliasname"u8].Text);
        }
        if (body["usingClause"u8].Exists || body["isNatural"u8].IsTrue)
            Operates("=");
        VisitMembers(body);
    }

    private void VisitColumn(SqlNode fields)
    {
        var last = fields.Last;
        if (last.As("A_Star"u8).Exists)
        {
            _columnsKnown = false;
            return;
        }
        var name = SqlNames.Part(last);
        _columns.Add(name);
        if (fields.Count > 1)
            _notations.Add(name);
        // row.function is the same as function(row).
        if (fields.Count > 1 && FunctionTable.IsDangerous(name))
            Call(new EffectObject(ObjectType.Function, "", name), 1);
    }

    private void VisitIndirection(SqlNode body)
    {
        foreach (var step in body["indirection"u8].Items)
        {
            if (step.As("String"u8).Exists)
            {
                var name = SqlNames.Part(step);
                if (FunctionTable.IsDangerous(name))
                    Call(new EffectObject(ObjectType.Function, "", name), 1);
                else
                    _notations.Add(name);
                _columnsKnown = false;
            }
            else
            {
                Visit(step);
            }
        }
        Visit(body["arg"u8]);
    }

    private void VisitCall(SqlNode call)
    {
        var function = SqlNames.Function(call["funcname"u8]);
        if (function is { Name: "set_config", Schema: "" or "pg_catalog" })
            VisitSetConfig(function, call["args"u8]);
        else
            Call(function, CountArguments(call));
        VisitMembers(call);
    }

    // WITHIN GROUP gives the rest of an ordered-set aggregate's arguments.
    private static int CountArguments(SqlNode call) =>
        call["args"u8].Count + (call["agg_within_group"u8].IsTrue ? call["agg_order"u8].Count : 0);

    // An operator is a call of the function behind it.
    private void VisitOperation(SqlNode name, SqlNode body)
    {
        if (SqlNames.Qualified(ObjectType.Other, name) is { } named && named.Schema != "pg_catalog")
        {
            AddOnce(_operators, named);
            if (named.Name.Contains("BETWEEN", StringComparison.Ordinal))
                Operates("<", "<=", ">", ">=");
            if (named.Schema.Length > 0 || !BuiltIns.IsOperator(named.Name))
                Opaque("call_function", SqlCall.UnreadOperator(named));
        }
        VisitMembers(body);
    }

    private void VisitSubquery(SqlNode body)
    {
        // IN, which the tree does not spell out.
        if (body["subLinkType"u8].Is("ANY_SUBLINK"u8) && !body["operName"u8].Exists)
            Operates("=");
        VisitOperation(body["operName"u8], body);
    }

    private void VisitCase(SqlNode body)
    {
        if (body["arg"u8].Exists)
            Operates("=");
        VisitMembers(body);
    }

    private void Operates(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
            AddOnce(_operators, new EffectObject(ObjectType.Other, "", name));
    }

    // A string is read by the type itself; anything else may go through a cast function.
    private void VisitCast(SqlNode body)
    {
        if (SqlNames.Qualified(ObjectType.Other, body["typeName"u8]["names"u8]) is { } type)
        {
            _types.Add(type.Name);
            if (!body["arg"u8].As("A_Const"u8)["sval"u8].Exists)
                _casts.Add(type.Name);
        }
        VisitMembers(body);
    }

    private void Call(EffectObject function, int arguments)
    {
        AddCall(new SqlCall(function, arguments, IsProcedure: false));
        switch (FunctionTable.EffectOf(function.Schema, function.Name, arguments))
        {
            case null:
                break;
            case EffectKind.Opaque:
                Opaque("call_function", _calls[^1].Unread, function);
                _mayMoveNames = true;
                break;
            case EffectKind.Write or EffectKind.Session when _deferred:
                break;
            case { } kind:
                Add(kind, FunctionTable.VerbOf(function.Name), [function]);
                break;
        }
    }

    private void AddCall(SqlCall call)
    {
        AddOnce(_functions, call.Function);
        _calls.Remove(call);
        _calls.Add(call);
    }

    private void AttributeColumns()
    {
        if (!_columnsKnown || _relations.Count != 1 || _reads.Count != 1 || _columns.Count == 0 || _columns.Overlaps(_rows))
            return;
        _reads[0] = _reads[0] with { Columns = [.. _columns] };
    }
}
