using System.Collections.Frozen;
using Sallyport.Core;

namespace Sallyport.Postgres.Sql;

/// <summary>The statements of the grammar that need one effect and no more reading than their names.</summary>
internal static class StatementTable
{
    private static readonly FrozenDictionary<string, (EffectKind Kind, string Verb)> Statements = new Dictionary<string, (EffectKind, string)>
    {
        ["AlterCollationStmt"] = (EffectKind.Alter, "alter_collation"),
        ["AlterDatabaseRefreshCollStmt"] = (EffectKind.Alter, "alter_database"),
        ["AlterDatabaseSetStmt"] = (EffectKind.Server, "alter_database_set"),
        ["AlterDatabaseStmt"] = (EffectKind.Alter, "alter_database"),
        ["AlterDefaultPrivilegesStmt"] = (EffectKind.Privilege, "alter_default_privileges"),
        ["AlterEnumStmt"] = (EffectKind.Alter, "alter_type"),
        ["AlterEventTrigStmt"] = (EffectKind.Alter, "alter_event_trigger"),
        ["AlterExtensionContentsStmt"] = (EffectKind.Server, "alter_extension"),
        ["AlterExtensionStmt"] = (EffectKind.Server, "alter_extension"),
        ["AlterFdwStmt"] = (EffectKind.Server, "alter_foreign_data_wrapper"),
        ["AlterForeignServerStmt"] = (EffectKind.Server, "alter_server"),
        ["AlterObjectDependsStmt"] = (EffectKind.Alter, "alter_depends"),
        ["AlterOperatorStmt"] = (EffectKind.Alter, "alter_operator"),
        ["AlterOpFamilyStmt"] = (EffectKind.Alter, "alter_operator_family"),
        ["AlterPolicyStmt"] = (EffectKind.Privilege, "alter_policy"),
        ["AlterPublicationStmt"] = (EffectKind.Alter, "alter_publication"),
        ["AlterRoleSetStmt"] = (EffectKind.Privilege, "alter_role"),
        ["AlterRoleStmt"] = (EffectKind.Privilege, "alter_role"),
        ["AlterSeqStmt"] = (EffectKind.Alter, "alter_sequence"),
        ["AlterStatsStmt"] = (EffectKind.Alter, "alter_statistics"),
        ["AlterSubscriptionStmt"] = (EffectKind.Server, "alter_subscription"),
        ["AlterSystemStmt"] = (EffectKind.Server, "alter_system"),
        ["AlterTableMoveAllStmt"] = (EffectKind.Alter, "alter_table_move_all"),
        ["AlterTableSpaceOptionsStmt"] = (EffectKind.Server, "alter_tablespace"),
        ["AlterTSConfigurationStmt"] = (EffectKind.Alter, "alter_text_search_configuration"),
        ["AlterTSDictionaryStmt"] = (EffectKind.Alter, "alter_text_search_dictionary"),
        ["AlterTypeStmt"] = (EffectKind.Alter, "alter_type"),
        ["AlterUserMappingStmt"] = (EffectKind.Server, "alter_user_mapping"),
        ["CheckPointStmt"] = (EffectKind.Server, "checkpoint"),
        ["ClusterStmt"] = (EffectKind.Alter, "cluster"),
        ["CompositeTypeStmt"] = (EffectKind.Create, "create_type"),
        ["CreateAmStmt"] = (EffectKind.Server, "create_access_method"),
        ["CreateCastStmt"] = (EffectKind.Create, "create_cast"),
        ["CreateConversionStmt"] = (EffectKind.Create, "create_conversion"),
        ["CreatedbStmt"] = (EffectKind.Create, "create_database"),
        ["CreateDomainStmt"] = (EffectKind.Create, "create_domain"),
        ["CreateEnumStmt"] = (EffectKind.Create, "create_type"),
        ["CreateEventTrigStmt"] = (EffectKind.Server, "create_event_trigger"),
        ["CreateExtensionStmt"] = (EffectKind.Server, "create_extension"),
        ["CreateFdwStmt"] = (EffectKind.Server, "create_foreign_data_wrapper"),
        ["CreateForeignServerStmt"] = (EffectKind.Server, "create_server"),
        ["CreateForeignTableStmt"] = (EffectKind.Server, "create_foreign_table"),
        ["CreateOpClassStmt"] = (EffectKind.Create, "create_operator_class"),
        ["CreateOpFamilyStmt"] = (EffectKind.Create, "create_operator_family"),
        ["CreatePLangStmt"] = (EffectKind.Server, "create_language"),
        ["CreatePolicyStmt"] = (EffectKind.Privilege, "create_policy"),
        ["CreatePublicationStmt"] = (EffectKind.Create, "create_publication"),
        ["CreateRangeStmt"] = (EffectKind.Create, "create_type"),
        ["CreateRoleStmt"] = (EffectKind.Privilege, "create_role"),
        ["CreateSchemaStmt"] = (EffectKind.Create, "create_schema"),
        ["CreateSeqStmt"] = (EffectKind.Create, "create_sequence"),
        ["CreateStatsStmt"] = (EffectKind.Create, "create_statistics"),
        ["CreateSubscriptionStmt"] = (EffectKind.Server, "create_subscription"),
        ["CreateTableSpaceStmt"] = (EffectKind.Server, "create_tablespace"),
        ["CreateTransformStmt"] = (EffectKind.Create, "create_transform"),
        ["CreateTrigStmt"] = (EffectKind.Create, "create_trigger"),
        ["CreateUserMappingStmt"] = (EffectKind.Server, "create_user_mapping"),
        ["DropdbStmt"] = (EffectKind.Drop, "drop_database"),
        ["DropTableSpaceStmt"] = (EffectKind.Drop, "drop_tablespace"),
        ["DropUserMappingStmt"] = (EffectKind.Drop, "drop_user_mapping"),
        ["ImportForeignSchemaStmt"] = (EffectKind.Server, "import_foreign_schema"),
        ["IndexStmt"] = (EffectKind.Create, "create_index"),
        ["ListenStmt"] = (EffectKind.Session, "listen"),
        ["LoadStmt"] = (EffectKind.Server, "load"),
        ["LockStmt"] = (EffectKind.Transaction, "lock"),
        ["NotifyStmt"] = (EffectKind.Write, "notify"),
        ["ReassignOwnedStmt"] = (EffectKind.Privilege, "reassign_owned"),
        ["RefreshMatViewStmt"] = (EffectKind.Write, "refresh_materialized_view"),
        ["ReindexStmt"] = (EffectKind.Alter, "reindex"),
        ["ReplicaIdentityStmt"] = (EffectKind.Alter, "replica_identity"),
        ["RuleStmt"] = (EffectKind.Create, "create_rule"),
        ["TruncateStmt"] = (EffectKind.Drop, "truncate"),
        ["UnlistenStmt"] = (EffectKind.Session, "unlisten"),
        ["ViewStmt"] = (EffectKind.Create, "create_view"),
    }.ToFrozenDictionary();

    private static readonly (string Field, ObjectType Type)[] NameFields =
    [
        ("schemaname", ObjectType.Schema), ("dbname", ObjectType.Database), ("role", ObjectType.Role), ("funcname", ObjectType.Function),
        ("domainname", ObjectType.Other), ("typeName", ObjectType.Other), ("defnames", ObjectType.Other), ("trigname", ObjectType.Other),
        ("extname", ObjectType.Other), ("servername", ObjectType.Other), ("fdwname", ObjectType.Other), ("tablespacename", ObjectType.Other),
        ("pubname", ObjectType.Other), ("subname", ObjectType.Other), ("policy_name", ObjectType.Other), ("local_schema", ObjectType.Schema),
        ("conversion_name", ObjectType.Other), ("filename", ObjectType.Path), ("idxname", ObjectType.Other),
        ("plname", ObjectType.Other), ("cfgname", ObjectType.Other), ("dictname", ObjectType.Other),
        ("collname", ObjectType.Other), ("opclassname", ObjectType.Other), ("opfamilyname", ObjectType.Other),
    ];

    public static IEnumerable<string> Verbs => Statements.Values.Select(static s => s.Verb);

    public static bool TryGet(string type, out EffectKind kind, out string verb)
    {
        var known = Statements.TryGetValue(type, out var entry);
        (kind, verb) = known ? entry : (EffectKind.Opaque, "");
        return known;
    }

    /// <summary>Adds what the statement's own name fields say; relations and roles in it are met by the walk.</summary>
    public static void AddNames(SqlNode body, List<EffectObject> objects)
    {
        foreach (var member in body.Members)
        {
            foreach (var (field, type) in NameFields)
            {
                if (!member.Name.SequenceEqual(System.Text.Encoding.ASCII.GetBytes(field)))
                    continue;
                var named = member.Value.IsArray ? SqlNames.Qualified(type, member.Value)
                    : member.Value.Text is { Length: > 0 } name ? new EffectObject(type, "", name)
                    : null;
                if (named is not null)
                    objects.Add(named);
            }
        }
        foreach (var role in body["granted_roles"u8].Items)
            objects.Add(new EffectObject(ObjectType.Role, "", role.As("AccessPriv"u8)["priv_name"u8].Text));
        var granted = body["targtype"u8].Is("ACL_TARGET_ALL_IN_SCHEMA"u8) ? ObjectType.Schema : SqlNames.TypeOf(body["objtype"u8]);
        foreach (var item in body["objects"u8].Items)
        {
            if (item.As("String"u8).Exists)
                objects.Add(new EffectObject(granted, "", SqlNames.Part(item)));
        }
        if (body["setstmt"u8]["name"u8] is { Exists: true } setting)
            objects.Add(new EffectObject(ObjectType.Setting, "", setting.Text.ToLowerInvariant()));
    }

    /// <summary>The object that a DROP or an ALTER names; null when the node is not a name.</summary>
    /// <param name="node">A string, a list of strings, a type name or a function with its arguments.</param>
    /// <param name="type">What it is.</param>
    /// <param name="onRelation">The last part is a trigger's, rule's or policy's; the relation it is on is answered.</param>
    public static EffectObject? ObjectOf(SqlNode node, ObjectType type, bool onRelation)
    {
        if (node.As("String"u8).Exists)
            return new EffectObject(type, "", SqlNames.Part(node));
        if (node.As("TypeName"u8) is { Exists: true } typeName)
            return SqlNames.Qualified(type, typeName["names"u8]);
        if (node.As("ObjectWithArgs"u8) is { Exists: true } function)
            return SqlNames.Qualified(type, function["objname"u8]);
        var parts = new List<string>();
        foreach (var part in node.As("List"u8)["items"u8].Items)
            parts.Add(SqlNames.Part(part));
        if (onRelation && parts.Count > 1)
        {
            parts.RemoveAt(parts.Count - 1);
            type = ObjectType.Relation;
        }
        return parts.Count == 0 || parts[^1].Length == 0 ? null : new EffectObject(type, parts.Count > 1 ? parts[^2] : "", parts[^1]);
    }
}
