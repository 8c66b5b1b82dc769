namespace Sallyport.Postgres.Sql;

/// <summary>
/// Every verb that reading SQL can say, so that a policy which names another one is refused: a deny rule with a slip of the pen would
/// never match. Statements by PostgreSQL's ObjectType and AlterTableType (parsenodes.h), functions by their own names.
/// </summary>
public static class SqlVerbs
{
    private const string Fixed =
        "select select_into select_for_update insert update delete merge copy_in copy_out copy_program copy_file explain explain_analyze "
        + "begin commit rollback savepoint release_savepoint rollback_to_savepoint prepare_transaction commit_prepared rollback_prepared "
        + "set_transaction set_constraints set reset show set_config set_role reset_role set_session_authorization reset_session_authorization "
        + "set_config_role set_config_session_authorization update_pg_settings "
        + "discard prepare execute deallocate declare_cursor fetch move close "
        + "do call call_function function_call unknown unreadable "
        + "create_table_as security_definer comment security_label vacuum analyze grant revoke grant_role revoke_role drop_owned";

    private const string Objects =
        "access_method aggregate amop amproc attribute cast column collation conversion database default defacl domain event_trigger extension "
        + "foreign_data_wrapper foreign_server foreign_table function index language largeobject materialized_view object opclass operator "
        + "opfamily parameter_acl policy procedure publication publication_namespace publication_rel role routine rule schema sequence "
        + "subscription statistic_ext constraint table tablespace transform trigger tsconfiguration tsdictionary tsparser tstemplate type "
        + "user_mapping view";

    private const string Steps =
        "owner rename set_schema add_column add_column_to_view add_constraint add_identity add_index add_index_constraint add_inherit add_of "
        + "alter_column_generic_options alter_column_type alter_constraint attach_partition cluster_on set_default drop_default "
        + "cooked_column_default detach_partition detach_partition_finalize disable_row_security disable_rule disable_trig disable_trig_all "
        + "disable_trig_user drop_cluster drop_column drop_constraint drop_expression drop_identity drop_inherit drop_not_null drop_of "
        + "drop_oids enable_always_rule enable_always_trig enable_replica_rule enable_replica_trig enable_row_security enable_rule "
        + "enable_trig enable_trig_all enable_trig_user force_row_security generic_options no_force_row_security re_add_comment "
        + "re_add_constraint re_add_domain_constraint re_add_index re_add_statistics replace_rel_options replica_identity reset_options "
        + "reset_rel_options set_access_method set_compression set_expression set_identity set_logged set_not_null set_options "
        + "set_rel_options set_statistics set_storage set_table_space set_un_logged validate_constraint";

    /// <summary>All of them, lower case.</summary>
    public static IReadOnlySet<string> All { get; } = new HashSet<string>(
    [
        .. Fixed.Split(' '),
        .. StatementTable.Verbs,
        .. FunctionTable.Names,
        .. from word in Objects.Split(' ') from change in (string[])["create", "alter", "drop"] select $"{change}_{word}",
        .. from word in Objects.Split(' ') from step in Steps.Split(' ') select $"alter_{word}_{step}",
    ]);
}
