using Sallyport.Core;

namespace Sallyport.Postgres.Sql;

/// <content>SELECT, INSERT, UPDATE, DELETE, MERGE: scopes of common table expressions, targets, WHERE, outputs.</content>
internal sealed partial class StatementReader
{
    private bool VisitQuery(string type, SqlNode body)
    {
        switch (type)
        {
            case "SelectStmt":
                VisitSelect(body);
                return true;
            case "InsertStmt":
                VisitChange("insert", body, ReadInsert);
                return true;
            case "UpdateStmt":
                VisitChange("update", body, ReadUpdate);
                return true;
            case "DeleteStmt":
                VisitChange("delete", body, ReadDelete);
                return true;
            case "MergeStmt":
                VisitChange("merge", body, ReadMerge);
                return true;
            case "ReturnStmt" or "PLAssignStmt":
                Describe(StatementKind.Plain, "select");
                VisitMembers(body);
                return true;
            default:
                return false;
        }
    }

    private void VisitSelect(SqlNode select)
    {
        var into = select["intoClause"u8];
        Describe(StatementKind.Plain, into.Exists ? "select_into" : "select");
        var (sink, mark) = (_sink, OpenCtes(select));
        if (into.Exists)
            Change(EffectKind.Create, "select_into", into);
        _sink = _reads;
        foreach (var member in select.Members)
        {
            if (member.Name.SequenceEqual("withClause"u8) || member.Name.SequenceEqual("intoClause"u8) || member.Name.SequenceEqual("lockingClause"u8))
                continue;
            // The arms of a set operation are queries without their tree node around them.
            if (member.Name.SequenceEqual("larg"u8) || member.Name.SequenceEqual("rarg"u8))
                VisitSelect(member.Value);
            else
                Visit(member.Value);
        }
        // FOR UPDATE and its kin take row locks, which a read-only transaction may not.
        if (select["lockingClause"u8].Exists)
            Add(EffectKind.Write, "select_for_update", _reads);
        _ctes.Leave(mark);
        _sink = sink;
    }

    private void VisitChange(string verb, SqlNode statement, Action<SqlNode, EffectObject> read)
    {
        _changesInside |= _verb is not null;
        Describe(StatementKind.Plain, verb);
        var (sink, mark) = (_sink, OpenCtes(statement));
        _sink = _reads;
        var target = Target(statement["relation"u8]);
        read(statement, target);
        foreach (var member in statement.Members)
        {
            if (!member.Name.SequenceEqual("withClause"u8) && !member.Name.SequenceEqual("relation"u8))
                Visit(member.Value);
        }
        if (statement["returningClause"u8]["exprs"u8].Exists)
        {
            AddOnce(_reads, target);
            AddReturningRows(statement["returningClause"u8]["options"u8]);
        }
        _ctes.Leave(mark);
        _sink = sink;
    }

    // RETURNING old, new, and the names that WITH (OLD AS o) gives them: whole rows each.
    private void AddReturningRows(SqlNode options)
    {
        _rows.Add("old");
        _rows.Add("new");
        foreach (var option in options.Items)
            _rows.Add(option.As("ReturningOption"u8)["value"u8].Text);
    }

    private void ReadInsert(SqlNode insert, EffectObject target)
    {
        Add(EffectKind.Write, "insert", [target with { Columns = SqlNames.Targets(insert["cols"u8]) }]);
        var conflict = insert["onConflictClause"u8];
        if (conflict["action"u8].Is("ONCONFLICT_UPDATE"u8))
            Add(EffectKind.Write, "update", [target with { Columns = SqlNames.Targets(conflict["targetList"u8]) }], WhereClause.Present);
    }

    private void ReadUpdate(SqlNode update, EffectObject target)
    {
        Add(EffectKind.Write, "update", [target with { Columns = SqlNames.Targets(update["targetList"u8]) }],
            SqlWhere.Read(update["whereClause"u8], CalledAs(update)));
        // The view's rule turns this into set_config.
        if (target is { Name: "pg_settings", Schema: "" or "pg_catalog" })
            SetUnknown("update_pg_settings", target);
    }

    private void ReadDelete(SqlNode delete, EffectObject target)
    {
        Add(EffectKind.Write, "delete", [target], SqlWhere.Read(delete["whereClause"u8], CalledAs(delete)));
    }

    private void ReadMerge(SqlNode merge, EffectObject target)
    {
        var where = SqlWhere.Read(merge["joinCondition"u8], CalledAs(merge));
        Add(EffectKind.Write, "merge", [target], where);
        foreach (var clause in merge["mergeWhenClauses"u8].Items)
        {
            var when = clause.As("MergeWhenClause"u8);
            var columns = SqlNames.Targets(when["targetList"u8]);
            if (when["commandType"u8].Is("CMD_UPDATE"u8))
                Add(EffectKind.Write, "update", [target with { Columns = columns }], where);
            else if (when["commandType"u8].Is("CMD_DELETE"u8))
                Add(EffectKind.Write, "delete", [target], where);
            else if (when["commandType"u8].Is("CMD_INSERT"u8))
                Add(EffectKind.Write, "insert", [target with { Columns = columns }]);
        }
    }

    // A target is never a common table expression, whatever names are in sight.
    private EffectObject Target(SqlNode rangeVar)
    {
        var target = SqlNames.Relation(rangeVar);
        AddOnce(_relations, target);
        _rows.Add(target.Name);
        if (rangeVar["alias"u8]["aliasname"u8] is { Exists: true } alias)
            _rows.Add(alias.Text);
        return target;
    }

    private static string CalledAs(SqlNode statement)
    {
        var relation = statement["relation"u8];
        return (relation["alias"u8]["aliasname"u8] is { Exists: true } alias ? alias : relation["relname"u8]).Text;
    }

    /// <summary>Reads the WITH clause and brings its names into sight; what it answers goes to <see cref="CteScope.Leave"/>.</summary>
    private int OpenCtes(SqlNode statement)
    {
        var mark = _ctes.Enter();
        var with = statement["withClause"u8];
        var recursive = with["recursive"u8].IsTrue;
        if (recursive)
        {
            foreach (var cte in with["ctes"u8].Items)
                _ctes.Open(cte.As("CommonTableExpr"u8)["ctename"u8].Text);
        }
        foreach (var cte in with["ctes"u8].Items)
        {
            var expression = cte.As("CommonTableExpr"u8);
            VisitMembers(expression);
            if (!recursive)
                _ctes.Open(expression["ctename"u8].Text);
        }
        _columnsKnown &= !with.Exists;
        return mark;
    }
}
