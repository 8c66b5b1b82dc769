using Sallyport.Postgres.Sql;

namespace Sallyport.Fuzz.Targets;

/// <summary>The relations and functions that a tree names, found by looking at every node alike.</summary>
internal sealed class SqlTreeNames
{
    private readonly HashSet<string> _ctes = [];

    public SqlTreeNames(SqlNode root)
    {
        Collect(root);
        Relations.ExceptWith(_ctes);
    }

    /// <summary>As written, <c>schema.name</c>; without all that shares its name with a common table expression.</summary>
    public HashSet<string> Relations { get; } = [];

    public HashSet<string> Functions { get; } = [];

    /// <summary>Every string there is.</summary>
    public HashSet<string> All { get; } = [];

    private void Collect(SqlNode node)
    {
        foreach (var item in node.Items)
            Collect(item);
        if (node["ctename"u8] is { Exists: true } cte)
            _ctes.Add(cte.Text);
        if (node["relname"u8] is { Exists: true } relation)
            Relations.Add(Joined(node["schemaname"u8].Text, relation.Text));
        if (node.As("FuncCall"u8)["funcname"u8] is { Exists: true } function)
            AddFunction(function);
        if (node["sval"u8].Text is { Length: > 0 } text)
            All.Add(text);
        foreach (var member in node.Members)
        {
            // Constraints, not relations.
            if (!member.Name.SequenceEqual("ConstraintsSetStmt"u8))
                Collect(member.Value);
        }
    }

    private void AddFunction(SqlNode parts)
    {
        string schema = "", name = "";
        foreach (var part in parts.Items)
            (schema, name) = (name, part["String"u8]["sval"u8].Text);
        Functions.Add(Joined(schema, name));
    }

    private static string Joined(string schema, string name) => schema.Length == 0 ? name : $"{schema}.{name}";
}
