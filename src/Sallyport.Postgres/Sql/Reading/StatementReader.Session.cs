using Sallyport.Core;

namespace Sallyport.Postgres.Sql;

/// <content>Settings, transactions, prepared statements, cursors, COPY, EXPLAIN, and code that cannot be read.</content>
internal sealed partial class StatementReader
{
    private bool VisitSession(string type, SqlNode body)
    {
        switch (type)
        {
            case "VariableSetStmt":
                VisitSet(body);
                return true;
            case "VariableShowStmt":
                Describe(StatementKind.Plain, "show");
                Add(EffectKind.Session, "show", [Setting(body["name"u8].Text)]);
                return true;
            case "DiscardStmt":
                var what = SqlNames.Word(body["target"u8], "DISCARD_").ToLowerInvariant();
                Describe(StatementKind.Discard, "discard", what);
                Add(EffectKind.Session, "discard", []);
                _mayMoveNames = true;
                return true;
            case "TransactionStmt":
                VisitTransaction(body);
                return true;
            case "ConstraintsSetStmt":
                Describe(StatementKind.Plain, "set_constraints");
                Add(EffectKind.Transaction, "set_constraints", []);
                return true;
            case "PrepareStmt":
                Describe(StatementKind.Prepare, "prepare", body["name"u8].Text);
                Add(EffectKind.Session, "prepare", []);
                _body ??= ReadBody(body["query"u8]);
                return true;
            case "ExecuteStmt":
                Describe(StatementKind.Execute, "execute", body["name"u8].Text);
                Add(EffectKind.Session, "execute", []);
                VisitMembers(body);
                return true;
            case "DeallocateStmt":
                Describe(StatementKind.Deallocate, "deallocate", OptionalName(body["name"u8]));
                Add(EffectKind.Session, "deallocate", []);
                return true;
            case "DeclareCursorStmt":
                Describe(StatementKind.DeclareCursor, "declare_cursor", body["portalname"u8].Text);
                Add(EffectKind.Session, "declare_cursor", []);
                Carry(ReadBody(body["query"u8]));
                return true;
            case "FetchStmt":
                var fetch = body["ismove"u8].IsTrue ? "move" : "fetch";
                Describe(StatementKind.Fetch, fetch, body["portalname"u8].Text);
                Add(EffectKind.Session, fetch, []);
                return true;
            case "ClosePortalStmt":
                Describe(StatementKind.CloseCursor, "close", OptionalName(body["portalname"u8]));
                Add(EffectKind.Session, "close", []);
                return true;
            case "CopyStmt":
                VisitCopy(body);
                return true;
            case "ExplainStmt":
                VisitExplain(body);
                return true;
            case "DoStmt":
                Describe(StatementKind.Plain, "do");
                Opaque("do", "the body of DO is not read");
                _mayMoveNames = true;
                return true;
            case "CallStmt":
                VisitProcedureCall(body);
                return true;
            default:
                return false;
        }
    }

    private void VisitProcedureCall(SqlNode body)
    {
        Describe(StatementKind.Plain, "call");
        var call = body["funccall"u8];
        var procedure = SqlNames.Function(call["funcname"u8]);
        var made = new SqlCall(procedure, call["args"u8].Count, IsProcedure: true);
        AddCall(made);
        Opaque("call", made.Unread, procedure);
        VisitMembers(call);
        _mayMoveNames = true;
    }

    private void VisitTransaction(SqlNode body)
    {
        var verb = SqlNames.Word(body["kind"u8], "TRANS_STMT_").ToLowerInvariant() switch
        {
            "start" => "begin",
            "rollback_to" => "rollback_to_savepoint",
            "release" => "release_savepoint",
            "prepare" => "prepare_transaction",
            var other => other,
        };
        Describe(StatementKind.Transaction, verb, OptionalName(body["savepoint_name"u8]) ?? OptionalName(body["gid"u8]));
        Add(EffectKind.Transaction, verb, []);
        // The end of a transaction, or of a part of it, takes back SET LOCAL, a rolled back SET and temporary relations.
        _mayMoveNames |= verb is not ("begin" or "savepoint" or "release_savepoint");
    }

    private void VisitExplain(SqlNode body)
    {
        var analyze = IsAnalyze(body["options"u8]);
        Describe(StatementKind.Plain, analyze ? "explain_analyze" : "explain");
        var inner = ReadBody(body["query"u8]);
        if (analyze)
        {
            Add(EffectKind.Read, "explain_analyze", inner.Statements[0].Relations);
            Carry(inner);
            return;
        }
        // Planning runs nothing that has effects, but it folds functions declared immutable, whatever they really do.
        _body ??= inner;
        Add(EffectKind.Read, "explain", inner.Statements[0].Relations);
        Absorb(inner, static e => e.Kind == EffectKind.Opaque);
    }

    // The last one counts for the server; any that is not plainly off counts here.
    private static bool IsAnalyze(SqlNode options)
    {
        foreach (var option in options.Items)
        {
            var element = option.As("DefElem"u8);
            if (element["defname"u8].Is("analyze"u8) && SqlNames.Constant(element["arg"u8])?.ToLowerInvariant() is not ("off" or "false" or "0"))
                return true;
        }
        return false;
    }

    private void VisitCopy(SqlNode body)
    {
        var into = body["is_from"u8].IsTrue;
        var file = body["filename"u8];
        var program = body["is_program"u8].IsTrue;
        var verb = into ? "copy_in" : "copy_out";
        Describe(file.Exists ? StatementKind.Plain : into ? StatementKind.CopyIn : StatementKind.CopyOut, verb);
        if (file.Exists)
            Add(EffectKind.Server, program ? "copy_program" : "copy_file", [new EffectObject(program ? ObjectType.Other : ObjectType.Path, "", file.Text)]);
        var copy = CopyOptionsReader.Read(body["options"u8]);
        if (body["relation"u8] is { Exists: true } relation)
        {
            var columns = body["attlist"u8].Items;
            var names = new List<string>();
            foreach (var column in columns)
                names.Add(SqlNames.Part(column));
            copy = copy with { Relation = Target(relation), Columns = [.. names] };
            Add(into ? EffectKind.Write : EffectKind.Read, verb, [copy.Relation with { Columns = copy.Columns }]);
        }
        else
        {
            var inner = ReadBody(body["query"u8]);
            Add(EffectKind.Read, verb, inner.Statements[0].Relations);
            Carry(inner);
        }
        if (!into && !file.Exists)
            _copy ??= copy;
        Visit(body["whereClause"u8]);
    }

    /// <summary>Takes over all that a carried statement does.</summary>
    private void Carry(SqlFacts body)
    {
        _body ??= body;
        _changesInside |= body.Statements.Any(static s => s.ChangesInside || s.Verb is "insert" or "update" or "delete" or "merge");
        Absorb(body, static _ => true);
    }

    private void Absorb(SqlFacts body, Func<Effect, bool> which)
    {
        foreach (var effect in body.Effects)
        {
            if (which(effect))
                Add(effect);
        }
        foreach (var statement in body.Statements)
        {
            foreach (var relation in statement.Relations)
                AddOnce(_relations, relation);
            foreach (var function in statement.Functions)
                AddOnce(_functions, function);
            _mayMoveNames |= statement.MayMoveNames;
        }
    }

    private static string? OptionalName(SqlNode name) => name.Exists ? name.Text : null;
}
