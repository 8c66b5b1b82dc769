using System.Collections.Immutable;
using Sallyport.Core;

namespace Sallyport.Postgres.Sql;

/// <summary>Names as the tree spells them: a relation, or a list of name parts whose last is the name and the one before its schema.</summary>
internal static class SqlNames
{
    /// <summary>What CREATE TEMP makes is named in <c>pg_temp</c>, where the server puts it.</summary>
    public static EffectObject Relation(SqlNode rangeVar)
    {
        var schema = rangeVar["schemaname"u8].Text;
        var isTemporary = schema.Length == 0 && rangeVar["relpersistence"u8].Is("t"u8);
        return new EffectObject(ObjectType.Relation, isTemporary ? "pg_temp" : schema, rangeVar["relname"u8].Text);
    }

    /// <summary>The object a list of <c>String</c> nodes names; null for an empty list.</summary>
    public static EffectObject? Qualified(ObjectType type, SqlNode parts)
    {
        string? schema = null, name = null;
        foreach (var part in parts.Items)
        {
            schema = name;
            name = Part(part);
        }
        return name is null ? null : new EffectObject(type, schema ?? "", name);
    }

    /// <summary>The function a list names; where it names none, one that is no built-in.</summary>
    public static EffectObject Function(SqlNode parts) => Qualified(ObjectType.Function, parts) ?? new EffectObject(ObjectType.Function, "", "");

    public static string Part(SqlNode part) => part.As("String"u8)["sval"u8].Text;

    public static ImmutableArray<string> Targets(SqlNode list)
    {
        var names = ImmutableArray.CreateBuilder<string>();
        foreach (var item in list.Items)
        {
            if (item.As("ResTarget"u8)["name"u8] is { Exists: true } name)
                names.Add(name.Text);
        }
        return names.ToImmutable();
    }

    /// <summary>A constant as text; null when the node is anything else.</summary>
    public static string? Constant(SqlNode node)
    {
        if (node.As("TypeCast"u8) is { Exists: true } cast)
            return Constant(cast["arg"u8]);
        if (node.As("String"u8) is { Exists: true } text)
            return text["sval"u8].Text;
        var constant = node.As("A_Const"u8);
        if (!constant.Exists || constant["isnull"u8].IsTrue)
            return null;
        if (constant["sval"u8] is { Exists: true } s)
            return s["sval"u8].Text;
        if (constant["ival"u8] is { Exists: true } i)
            return i["ival"u8].Exists ? i["ival"u8].Text : "0";
        if (constant["boolval"u8] is { Exists: true } b)
            return b["boolval"u8].IsTrue ? "true" : "false";
        return constant["fval"u8] is { Exists: true } f ? f["fval"u8].Text : null;
    }

    /// <summary>What a word of the grammar's says behind the prefix that all of its kind have.</summary>
    public static string Word(SqlNode word, string prefix)
    {
        var text = word.Text;
        return text.StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..] : text;
    }

    /// <summary><c>OBJECT_FOREIGN_TABLE</c> → <c>foreign_table</c>.</summary>
    public static string ObjectWord(SqlNode objectType) => objectType.Text switch
    {
        "OBJECT_MATVIEW" => "materialized_view",
        "OBJECT_FDW" => "foreign_data_wrapper",
        "OBJECT_TABCONSTRAINT" or "OBJECT_DOMCONSTRAINT" => "constraint",
        var other => other.StartsWith("OBJECT_", StringComparison.Ordinal) ? other["OBJECT_".Length..].ToLowerInvariant() : "object",
    };

    public static ObjectType TypeOf(SqlNode objectType) => objectType.Text switch
    {
        "OBJECT_TABLE" or "OBJECT_VIEW" or "OBJECT_MATVIEW" or "OBJECT_SEQUENCE" or "OBJECT_INDEX" or "OBJECT_FOREIGN_TABLE" => ObjectType.Relation,
        "OBJECT_FUNCTION" or "OBJECT_PROCEDURE" or "OBJECT_ROUTINE" or "OBJECT_AGGREGATE" => ObjectType.Function,
        "OBJECT_SCHEMA" => ObjectType.Schema,
        "OBJECT_ROLE" => ObjectType.Role,
        "OBJECT_DATABASE" => ObjectType.Database,
        _ => ObjectType.Other,
    };
}
