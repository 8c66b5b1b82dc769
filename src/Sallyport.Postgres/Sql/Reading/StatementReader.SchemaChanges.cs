using Sallyport.Core;

namespace Sallyport.Postgres.Sql;

/// <content>Statements that make, change and remove objects, and who may use them.</content>
internal sealed partial class StatementReader
{
    private bool VisitSchemaChange(string type, SqlNode body)
    {
        switch (type)
        {
            case "CreateTableAsStmt":
                VisitCreateTableAs(body);
                return true;
            case "CreateStmt":
                var outer = _deferred;
                _deferred = true;
                Change(EffectKind.Create, "create_table", body);
                _deferred = outer;
                return true;
            case "AlterTableStmt":
                VisitAlterTable(body);
                return true;
            case "DropStmt":
                VisitDrop(body);
                return true;
            case "RenameStmt":
                VisitAlterObject(body, EffectKind.Alter, "renameType"u8, "rename");
                return true;
            case "AlterObjectSchemaStmt":
                VisitAlterObject(body, EffectKind.Alter, "objectType"u8, "set_schema");
                return true;
            case "AlterOwnerStmt":
                VisitAlterObject(body, EffectKind.Privilege, "objectType"u8, "owner");
                return true;
            case "CommentStmt":
                ChangeNamed(EffectKind.Alter, "comment", body, "objtype"u8);
                return true;
            case "SecLabelStmt":
                ChangeNamed(EffectKind.Privilege, "security_label", body, "objtype"u8);
                return true;
            case "AlterDomainStmt":
                var drops = body["subtype"u8].Is("X"u8) || !body["def"u8].Exists && body["subtype"u8].Is("T"u8) || body["subtype"u8].Is("N"u8);
                Change(drops ? EffectKind.Drop : EffectKind.Alter, "alter_domain", body);
                return true;
            case "DefineStmt":
                var defined = $"create_{SqlNames.ObjectWord(body["kind"u8])}";
                Change(EffectKind.Create, defined, body);
                if (defined is "create_aggregate" or "create_operator" || (defined == "create_type" && body["definition"u8].Exists))
                    BindsCode(defined);
                return true;
            case "VacuumStmt":
                Change(EffectKind.Alter, body["is_vacuumcmd"u8].IsTrue ? "vacuum" : "analyze", body);
                return true;
            case "CreateFunctionStmt":
                Change(EffectKind.Create, body["is_procedure"u8].IsTrue ? "create_procedure" : "create_function", body);
                VisitFunctionOptions(body["options"u8], SqlNames.Qualified(ObjectType.Function, body["funcname"u8]));
                VisitFunctionBody(body["options"u8]);
                return true;
            case "CreateTrigStmt":
                Change(EffectKind.Create, "create_trigger", body);
                var run = SqlNames.Function(body["funcname"u8]);
                if (run is not { Schema: "" or "pg_catalog", Name: "suppress_redundant_updates_trigger" or "tsvector_update_trigger" or "tsvector_update_trigger_column" })
                    Call(run, 0);
                return true;
            case "CreateSchemaStmt":
                Change(EffectKind.Create, "create_schema", body);
                // Its elements are made in the name of that role.
                if (body["authrole"u8].Exists)
                    Add(EffectKind.Privilege, "create_schema", [new EffectObject(ObjectType.Role, "", body["authrole"u8]["rolename"u8].Text)]);
                return true;
            case "ViewStmt":
                Change(EffectKind.Create, "create_view", body);
                // An UPDATE of such a view is one of pg_settings, whose rule is set_config.
                if (_relations.Find(static r => r.Name == "pg_settings") is { } settings)
                    Add(EffectKind.Privilege, "update_pg_settings", [settings]);
                return true;
            case "CreateCastStmt" or "CreateConversionStmt" or "CreateTransformStmt" or "CreateOpClassStmt":
                StatementTable.TryGet(type, out var kind, out var makes);
                Change(kind, makes, body);
                if (type != "CreateCastStmt" || body["func"u8].Exists)
                    BindsCode(makes);
                return true;
            case "AlterFunctionStmt":
                Change(EffectKind.Alter, $"alter_{SqlNames.ObjectWord(body["objtype"u8])}", body);
                VisitFunctionOptions(body["actions"u8], SqlNames.Qualified(ObjectType.Function, body["func"u8]["objname"u8]));
                return true;
            case "GrantStmt":
                Change(EffectKind.Privilege, body["is_grant"u8].IsTrue ? "grant" : "revoke", body);
                return true;
            case "GrantRoleStmt":
                Change(EffectKind.Privilege, body["is_grant"u8].IsTrue ? "grant_role" : "revoke_role", body);
                return true;
            case "DropRoleStmt" or "DropOwnedStmt":
                var verb = type == "DropRoleStmt" ? "drop_role" : "drop_owned";
                Change(EffectKind.Privilege, verb, body, EffectKind.Drop);
                return true;
            case "DropSubscriptionStmt":
                Change(EffectKind.Server, "drop_subscription", body, EffectKind.Drop);
                return true;
            default:
                return false;
        }
    }

    /// <summary>One effect whose objects are all that the statement names, queries in it apart.</summary>
    // Of two kinds: both of the same objects, found in one visit.
    private void Change(EffectKind kind, string verb, SqlNode body, EffectKind? second = null)
    {
        Describe(StatementKind.Plain, verb);
        _mayMoveNames |= kind is not (EffectKind.Write or EffectKind.Session or EffectKind.Transaction) && verb is not ("truncate" or "vacuum" or "analyze");
        _columnsKnown = false;
        var outer = _sink;
        var objects = new List<EffectObject>();
        _sink = objects;
        VisitMembers(body);
        _sink = outer;
        StatementTable.AddNames(body, objects);
        Add(kind, verb, objects);
        if (second is { } other)
            Add(other, verb, objects);
    }

    // SECURITY DEFINER lends the owner's rights to whoever calls.
    private void VisitFunctionOptions(SqlNode options, EffectObject? function)
    {
        foreach (var option in options.Items)
        {
            var element = option.As("DefElem"u8);
            if (function is not null && element["defname"u8].Is("security"u8) && element["arg"u8].As("Boolean"u8)["boolval"u8].IsTrue)
                Add(EffectKind.Privilege, "security_definer", [function]);
        }
    }

    // What the functions do is done later by statements that do not name them.
    private void BindsCode(string verb) => Opaque(verb, "it has functions run by what does not name them");

    /// <summary>A body that is a tree was visited; one that is text is read as SQL, or not at all.</summary>
    private void VisitFunctionBody(SqlNode options)
    {
        var language = "";
        var texts = new List<string>();
        foreach (var option in options.Items)
        {
            var element = option.As("DefElem"u8);
            if (element["defname"u8].Is("language"u8))
                language = SqlNames.Part(element["arg"u8]).ToLowerInvariant();
            foreach (var text in element["defname"u8].Is("as"u8) ? element["arg"u8].As("List"u8)["items"u8].Items : default)
                texts.Add(SqlNames.Part(text));
        }
        if (language == "sql")
            _scripts.AddRange(texts);
        else if (texts.Count > 0)
            Opaque("create_function", $"a body in LANGUAGE {(language.Length == 0 ? "sql" : language)} is not read");
    }

    private void VisitCreateTableAs(SqlNode body)
    {
        var verb = body["objtype"u8].Is("OBJECT_MATVIEW"u8) ? "create_materialized_view" : "create_table_as";
        Change(EffectKind.Create, verb, body);
        // What it runs is known to the session alone, by the name in there.
        if (body["query"u8].As("ExecuteStmt"u8).Exists)
            _body ??= ReadBody(body["query"u8]);
    }

    private void VisitAlterTable(SqlNode body)
    {
        var word = SqlNames.ObjectWord(body["objtype"u8]);
        Describe(StatementKind.Plain, $"alter_{word}");
        var target = Target(body["relation"u8]);
        foreach (var item in body["cmds"u8].Items)
        {
            var command = item.As("AlterTableCmd"u8);
            var (kind, step) = AlterTableSteps.Read(command);
            var outer = _sink;
            var objects = new List<EffectObject> { target };
            _sink = objects;
            VisitMembers(command);
            _sink = outer;
            if (command["name"u8] is { Exists: true } name && AlterTableSteps.NamesColumn(step))
                objects[0] = target with { Columns = [name.Text] };
            Add(kind, $"alter_{word}_{step}", objects);
        }
        _mayMoveNames = true;
        _columnsKnown = false;
    }

    private void VisitDrop(SqlNode body)
    {
        var removed = body["removeType"u8];
        var word = SqlNames.ObjectWord(removed);
        Describe(StatementKind.Plain, $"drop_{word}");
        _mayMoveNames = true;
        var type = SqlNames.TypeOf(removed);
        var objects = new List<EffectObject>();
        foreach (var item in body["objects"u8].Items)
        {
            if (StatementTable.ObjectOf(item, type, OnRelation(word)) is { } dropped)
                objects.Add(dropped);
        }
        VisitArguments(body["objects"u8]);
        foreach (var item in objects.Where(static o => o.Type == ObjectType.Relation))
            AddOnce(_relations, item);
        Add(EffectKind.Drop, $"drop_{word}", objects);
        if (word == "policy")
            Add(EffectKind.Privilege, "drop_policy", objects);
    }

    private void VisitAlterObject(SqlNode body, EffectKind kind, ReadOnlySpan<byte> typeField, string step)
    {
        var word = SqlNames.ObjectWord(body[typeField]);
        ChangeNamed(word == "role" ? EffectKind.Privilege : kind, $"alter_{word}_{step}", body, typeField);
    }

    private void ChangeNamed(EffectKind kind, string verb, SqlNode body, ReadOnlySpan<byte> typeField)
    {
        var word = SqlNames.ObjectWord(body[typeField]);
        var type = SqlNames.TypeOf(body[typeField]);
        var own = body["object"u8].Exists || body["relation"u8].Exists ? default : body["subname"u8];
        if ((own.Exists ? new EffectObject(type, "", own.Text) : StatementTable.ObjectOf(body["object"u8], type, OnRelation(word))) is { } named)
        {
            Describe(StatementKind.Plain, verb);
            _mayMoveNames = true;
            if (named.Type == ObjectType.Relation)
                AddOnce(_relations, named);
            Add(kind, verb, [named]);
            VisitArguments(body["object"u8]);
            // Under another name it is run by what called something else.
            if (named.Type == ObjectType.Function && (verb.EndsWith("_rename", StringComparison.Ordinal) || verb.EndsWith("_set_schema", StringComparison.Ordinal)))
                Call(named, -1);
            return;
        }
        Change(kind, verb, body);
    }

    // To the grammar the modifier of an argument's type may be any expression; what names the object itself was taken already.
    private void VisitArguments(SqlNode named)
    {
        var outer = _sink;
        _sink = [];
        Visit(named);
        _sink = outer;
    }

    // Their names are those of the relation with their own behind.
    private static bool OnRelation(string word) => word is "trigger" or "rule" or "policy" or "column" or "constraint";
}
