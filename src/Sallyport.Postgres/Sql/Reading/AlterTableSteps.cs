using System.Text;
using Sallyport.Core;

namespace Sallyport.Postgres.Sql;

/// <summary>The parts of an ALTER TABLE: <c>AT_DropColumn</c> is the effect <c>drop</c> and the step <c>drop_column</c>.</summary>
internal static class AlterTableSteps
{
    public static (EffectKind Kind, string Step) Read(SqlNode command)
    {
        var subtype = SqlNames.Word(command["subtype"u8], "AT_");
        return subtype switch
        {
            "ChangeOwner" => (EffectKind.Privilege, "owner"),
            "EnableRowSecurity" or "DisableRowSecurity" or "ForceRowSecurity" or "NoForceRowSecurity" => (EffectKind.Privilege, Snake(subtype)),
            "ColumnDefault" when !command["def"u8].Exists => (EffectKind.Drop, "drop_default"),
            "ColumnDefault" => (EffectKind.Alter, "set_default"),
            "DropCluster" or "DropInherit" or "DropOf" => (EffectKind.Alter, Snake(subtype)),
            _ when subtype.StartsWith("Drop", StringComparison.Ordinal) => (EffectKind.Drop, Snake(subtype)),
            "AlterColumnType" => (EffectKind.Alter, "alter_column_type"),
            _ => (EffectKind.Alter, Snake(subtype)),
        };
    }

    /// <summary>True when the command's name is a column's, not a constraint's, trigger's or tablespace's.</summary>
    public static bool NamesColumn(string step) =>
        step.Contains("column", StringComparison.Ordinal) || step is "drop_default" or "set_default" or "set_not_null" or "drop_not_null" or "set_statistics"
            or "set_storage" or "set_compression" or "set_options" or "set_expression" or "drop_expression" or "add_identity" or "set_identity"
            or "drop_identity";

    private static string Snake(string pascal)
    {
        var snake = new StringBuilder(pascal.Length + 4);
        foreach (var c in pascal)
        {
            if (char.IsAsciiLetterUpper(c) && snake.Length > 0)
                snake.Append('_');
            snake.Append(char.ToLowerInvariant(c));
        }
        return snake.ToString();
    }
}
