using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text;
using Sallyport.Core;
using Sallyport.Postgres.Sql.Lineage;

namespace Sallyport.Postgres.Sql;

/// <summary>
/// Reads one statement of a parse tree: every effect wherever it hides, every relation and function. It descends into all there
/// is; what it knows gets a meaning on the way, and a statement it does not know is opaque. Used once.
/// </summary>
internal sealed partial class StatementReader
{
    private readonly List<Effect> _effects = [];
    private readonly CteScope _ctes = new();

    // What the relations met next belong to: the reads of the statement, or the objects of a DDL effect.
    private List<EffectObject> _sink;
    private readonly List<EffectObject> _reads = [];
    private readonly List<EffectObject> _relations = [];
    private readonly List<EffectObject> _functions = [];
    private readonly HashSet<string> _notations = [];
    private readonly List<SqlCall> _calls = [];
    private readonly List<EffectObject> _operators = [];
    private readonly HashSet<string> _casts = [];
    private readonly HashSet<string> _types = [];
    private readonly List<string> _scripts = [];

    private StatementKind _kind;
    private string? _verb;
    private string? _name;
    private string? _value;
    private SqlFacts? _body;
    private CopyOptions? _copy;
    private bool _mayMoveNames;
    private bool _changesInside;

    private StatementReader() => _sink = _reads;

    /// <param name="node">The statement's tree node.</param>
    /// <param name="start">Its byte offset in the query string.</param>
    /// <param name="length">Its length in bytes.</param>
    /// <param name="effects">Takes the effects.</param>
    public static SqlStatement Read(SqlNode node, int start, int length, List<Effect> effects)
    {
        var reader = new StatementReader();
        reader.Visit(node);
        return reader.Finish(start, length, effects, QueryReader.Read(node), IsStored(node));
    }

    private static SqlFacts ReadBody(SqlNode node)
    {
        var effects = new List<Effect>();
        var statement = Read(node, 0, 0, effects);
        return new SqlFacts([.. effects], [statement]);
    }

    // Its rows stay in the database, or its text does, under another name.
    private static bool IsStored(SqlNode node)
    {
        if (node.As("CreateTableAsStmt"u8).Exists || node.As("ViewStmt"u8).Exists)
            return true;
        var select = node.As("SelectStmt"u8);
        // Of a set operation INTO stands in the first arm.
        while (select["larg"u8].Exists)
            select = select["larg"u8];
        return select["intoClause"u8].Exists;
    }

    private SqlStatement Finish(int start, int length, List<Effect> effects, Query? query, bool isStored)
    {
        AttributeColumns();
        if (_reads.Count > 0 || _verb is "select")
            Add(EffectKind.Read, "select", _reads);
        if (_verb is null || _effects.Count == 0)
            Opaque(_verb ?? "unknown", "what it does was not found");
        effects.AddRange(_effects);
        return new SqlStatement
        {
            Kind = _kind,
            Verb = _verb ?? "unknown",
            Start = start,
            Length = length,
            Name = _name,
            Value = _value,
            Body = _body,
            Copy = _copy,
            Relations = [.. _relations],
            Functions = [.. _functions],
            Calls = [.. _calls],
            Notations = [.. _notations],
            Operators = [.. _operators],
            Casts = [.. _casts],
            Types = [.. _types],
            Scripts = [.. _scripts],
            Query = query,
            IsStored = isStored,
            MayMoveNames = _mayMoveNames,
            ChangesInside = _changesInside,
        };
    }

    private void Visit(SqlNode node)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (node.IsArray)
        {
            foreach (var item in node.Items)
                Visit(item);
        }
        else if (!node.Type.IsEmpty)
        {
            VisitTyped(node.Type, node.Body);
        }
        else if (node["relname"u8].Exists)
        {
            VisitRelation(node);
        }
        else if (node["roletype"u8].Exists)
        {
            VisitRole(node);
        }
        else if (node["objname"u8].Exists)
        {
            VisitObjectWithArguments(node);
        }
        else
        {
            VisitMembers(node);
        }
    }

    private void VisitMembers(SqlNode node)
    {
        foreach (var member in node.Members)
        {
            if (member.Value.IsObject || member.Value.IsArray)
                Visit(member.Value);
        }
    }

    private void VisitTyped(ReadOnlySpan<byte> type, SqlNode body)
    {
        if (type.EndsWith("Stmt"u8))
            VisitStatement(Encoding.ASCII.GetString(type), body);
        else if (type.SequenceEqual("RangeVar"u8))
            VisitRelation(body);
        else if (type.SequenceEqual("ColumnRef"u8))
            VisitColumn(body["fields"u8]);
        else if (type.SequenceEqual("FuncCall"u8))
            VisitCall(body);
        else if (type.SequenceEqual("A_Expr"u8))
            VisitOperation(body["name"u8], body);
        else if (type.SequenceEqual("SubLink"u8))
            VisitSubquery(body);
        else if (type.SequenceEqual("SortBy"u8))
            VisitOperation(body["useOp"u8], body);
        else if (type.SequenceEqual("CaseExpr"u8))
            VisitCase(body);
        else if (type.SequenceEqual("TypeCast"u8))
            VisitCast(body);
        else if (type.SequenceEqual("A_Indirection"u8))
            VisitIndirection(body);
        else if (type.SequenceEqual("RoleSpec"u8))
            VisitRole(body);
        else if (type.SequenceEqual("ObjectWithArgs"u8))
            VisitObjectWithArguments(body);
        else if (type.SequenceEqual("JoinExpr"u8))
            VisitJoin(body);
        else if (type.SequenceEqual("RangeSubselect"u8) || type.SequenceEqual("RangeFunction"u8) || type.SequenceEqual("RangeTableFunc"u8))
            VisitDerived(body);
        else
            VisitMembers(body);
    }

    private void VisitStatement(string type, SqlNode body)
    {
        if (VisitQuery(type, body) || VisitSession(type, body) || VisitSchemaChange(type, body))
            return;
        if (StatementTable.TryGet(type, out var kind, out var verb))
        {
            Change(kind, verb, body);
            return;
        }
        Describe(StatementKind.Plain, "unknown");
        Opaque("unknown", $"statement {type} is not known");
        VisitMembers(body);
    }

    // Only the outermost statement says what the whole is.
    private void Describe(StatementKind kind, string verb, string? name = null)
    {
        if (_verb is not null)
            return;
        (_kind, _verb, _name) = (kind, verb, name);
    }

    private void Add(EffectKind kind, string verb, IEnumerable<EffectObject> objects, WhereClause where = WhereClause.NotApplicable) =>
        Add(new Effect(kind, verb) { Objects = [.. objects], Where = where });

    private void Add(Effect effect)
    {
        foreach (var known in _effects)
        {
            if (known.Kind == effect.Kind && known.Verb == effect.Verb && known.Where == effect.Where && known.Detail == effect.Detail
                && known.Objects.SequenceEqual(effect.Objects))
                return;
        }
        _effects.Add(effect);
    }

    private void Opaque(string verb, string detail, params ReadOnlySpan<EffectObject> objects) =>
        Add(new Effect(EffectKind.Opaque, verb) { Detail = detail, Objects = [.. objects] });

    private static void AddOnce(List<EffectObject> objects, EffectObject item)
    {
        foreach (var known in objects)
        {
            if (known.Type == item.Type && known.Schema == item.Schema && known.Name == item.Name)
                return;
        }
        objects.Add(item);
    }
}
