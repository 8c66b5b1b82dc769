using System.Collections.Frozen;
using Sallyport.Core;

namespace Sallyport.Postgres.Sql;

/// <summary>
/// What calling a function does beyond computing a value: nothing (null) for the built-ins that only compute or look,
/// <see cref="EffectKind.Opaque"/> for what is not a built-in, and for a volatile built-in that no list names
/// <see cref="EffectKind.Server"/>, so that a new one is never harmless by omission.
/// </summary>
internal static class FunctionTable
{
    private static readonly FrozenDictionary<string, EffectKind?> Known = Build();

    private static readonly string[] SqlAsText = ["dblink", "crosstab", "pg_file_", "get_raw_page", "pg_ls_"];

    private static readonly FrozenSet<string> Verbs = Names.ToFrozenSet();

    /// <summary>The functions a verb may name: the built-ins and what the known extensions run as SQL or read of the server.</summary>
    public static IEnumerable<string> Names => BuiltIns.Names.Concat(
        ("dblink dblink_exec dblink_open dblink_fetch dblink_close dblink_connect dblink_connect_u dblink_disconnect dblink_send_query "
            + "dblink_get_result dblink_get_notify dblink_get_connections dblink_is_busy dblink_cancel_query dblink_error_message "
            + "dblink_get_pkey dblink_build_sql_insert dblink_build_sql_update dblink_build_sql_delete dblink_current_query "
            + "dblink_fdw_validator crosstab crosstab2 crosstab3 crosstab4 crosstab_hash pg_file_write pg_file_sync pg_file_rename "
            + "pg_file_unlink pg_file_read pg_file_length get_raw_page pg_ls_dir").Split(' '));

    /// <summary>The verb of calling it: its name where a policy may name that (<see cref="SqlVerbs"/>), <c>dblink_of_tomorrow</c> apart.</summary>
    public static string VerbOf(string name) => Verbs.Contains(name) ? name : "call_function";

    /// <summary>True when the name alone, found where a column could stand, must be taken for a call.</summary>
    public static bool IsDangerous(string name) =>
        (Known.TryGetValue(name, out var kind) && kind is not null)
        || SqlAsText.Any(p => name.StartsWith(p, StringComparison.Ordinal))
        || (!Known.ContainsKey(name) && BuiltIns.TryGet(name, out var volatility) && volatility == Volatility.Volatile);

    /// <param name="schema">As written; empty when not.</param>
    /// <param name="name">As folded.</param>
    /// <param name="arguments">How many are given: <c>ts_rewrite</c> runs SQL only with two.</param>
    public static EffectKind? EffectOf(string schema, string name, int arguments)
    {
        if (SqlAsText.Any(p => name.StartsWith(p, StringComparison.Ordinal)))
            return EffectKind.Server;
        if (schema is not ("" or "pg_catalog") || !BuiltIns.TryGet(name, out var volatility))
            return EffectKind.Opaque;
        if (name == "ts_rewrite" && arguments == 3)
            return null;
        if (Known.TryGetValue(name, out var kind))
            return kind;
        if (name.StartsWith("pg_stat_get_", StringComparison.Ordinal))
            return null;
        return volatility == Volatility.Volatile ? EffectKind.Server : null;
    }

    /// <summary>True when the value of a call comes from its arguments alone, or tells nothing of the database's rows (clock, random numbers, sizes).</summary>
    public static bool IsComputed(string schema, string name)
    {
        if (schema is not ("" or "pg_catalog") || !BuiltIns.TryGet(name, out var volatility))
            return false;
        if (Known.TryGetValue(name, out var kind))
            return kind is null;
        return volatility != Volatility.Volatile && !(volatility == Volatility.Stable && ReadsElsewhere(name));
    }

    private static bool ReadsElsewhere(string name) =>
        name is "current_setting" or "col_description" or "obj_description" or "shobj_description" or "ts_debug"
        || (name.StartsWith("pg_", StringComparison.Ordinal) && name is not ("pg_typeof" or "pg_column_size"));

    private static FrozenDictionary<string, EffectKind?> Build()
    {
        var known = new Dictionary<string, EffectKind?>();
        Add(known, EffectKind.Write, "nextval setval lo_creat lo_create lo_from_bytea lo_put lo_open lo_truncate lo_truncate64 lowrite pg_notify"
            + " pg_logical_emit_message");
        Add(known, EffectKind.Drop, "lo_unlink");
        Add(known, EffectKind.Read, "lo_get loread lo_lseek lo_lseek64 lo_tell lo_tell64 lo_close");
        Add(known, EffectKind.Session, "pg_sleep pg_sleep_for pg_sleep_until setseed pg_export_snapshot pg_stat_clear_snapshot pg_advisory_lock"
            + " pg_advisory_lock_shared pg_advisory_unlock pg_advisory_unlock_all pg_advisory_unlock_shared pg_advisory_xact_lock"
            + " pg_advisory_xact_lock_shared pg_try_advisory_lock pg_try_advisory_lock_shared pg_try_advisory_xact_lock"
            + " pg_try_advisory_xact_lock_shared");
        // Not volatile, but they run a query that the caller names, or read what no relation in the text says.
        Add(known, EffectKind.Server, "query_to_xml query_to_xmlschema query_to_xml_and_xmlschema cursor_to_xml cursor_to_xmlschema table_to_xml"
            + " table_to_xmlschema table_to_xml_and_xmlschema schema_to_xml schema_to_xmlschema schema_to_xml_and_xmlschema database_to_xml"
            + " database_to_xmlschema database_to_xml_and_xmlschema ts_stat ts_rewrite pg_logical_slot_peek_changes");
        Add(known, null, "amvalidate array_sample array_shuffle clock_timestamp current_query currval gen_random_uuid lastval pg_blocking_pids"
            + " pg_collation_actual_version pg_current_wal_flush_lsn pg_current_wal_insert_lsn pg_current_wal_lsn pg_database_collation_actual_version"
            + " pg_database_size pg_get_multixact_members pg_get_wait_events pg_get_wal_replay_pause_state pg_indexes_size pg_is_in_recovery"
            + " pg_is_wal_replay_paused pg_isolation_test_session_is_blocked pg_jit_available pg_last_committed_xact pg_last_wal_receive_lsn"
            + " pg_last_wal_replay_lsn pg_last_xact_replay_timestamp pg_lock_status pg_notification_queue_usage pg_partition_ancestors"
            + " pg_partition_tree pg_prepared_xact pg_relation_size pg_safe_snapshot_blocking_pids pg_sequence_last_value pg_stat_have_stats"
            + " pg_table_size pg_tablespace_size pg_total_relation_size pg_xact_commit_timestamp pg_xact_commit_timestamp_origin pg_xact_status"
            + " random random_normal timeofday txid_status uuidv4 uuidv7");
        return known.ToFrozenDictionary();
    }

    private static void Add(Dictionary<string, EffectKind?> known, EffectKind? kind, string names)
    {
        foreach (var name in names.Split(' '))
            known.Add(name, kind);
    }
}
