using System.Text.Json;
using System.Text.Unicode;
using Sallyport.Core;
using Sallyport.Postgres.Sql;

namespace Sallyport.Fuzz.Targets;

/// <summary>
/// Trees in shapes that no text leads to, as JSON right into the reader: it throws at none of them, each statement has an effect, and what
/// is no statement is opaque. The flat table of tokens says what a JSON document of the framework says.
/// </summary>
internal sealed class SqlTreeTarget : IFuzzTarget
{
    private const int MostNested = 2000;

    private readonly SqlTree _tree = new();

    public string Name => "tree";

    public IReadOnlyList<byte[]> Corpus { get; } =
    [
        .. from text in (string[])
        [
            """{"SelectStmt":{"targetList":[{"ResTarget":{"val":{"FuncCall":{"funcname":[{"String":{"sval":"f"}}]}}}}]}}""",
            """{"SelectStmt":{"fromClause":[{"RangeVar":{"relname":"t"}}],"op":"SETOP_NONE"}}""",
            """{"TransactionStmt":{"kind":"TRANS_STMT_BEGIN"}},"stmt_len":5},{"stmt":{"DiscardStmt":{"target":"DISCARD_ALL"}}""",
            """{"GrantRoleStmt":{"grantee_roles":[{"RoleSpec":{"roletype":"ROLESPEC_CURRENT_USER"}}],"is_grant":true}}""",
            """{"AlterTableStmt":{"relation":{"relname":"t\t\"x"},"cmds":[{"AlterTableCmd":{"subtype":"AT_DropColumn","name":"c"}}]}}""",
            """{"CallStmt":{"funccall":{"funcname":[{"String":{"sval":"p"}}]}}}""",
            """{"CreateTrigStmt":{"trigname":"g","funcname":[{"String":{"sval":"f"}}]}}""",
        ]
        select Bytes.Utf8($$"""{"stmts":[{"stmt":{{text}}}]}"""),
    ];

    public IReadOnlyList<byte[]> Tokens { get; } =
    [
        .. from word in ("\"SelectStmt\":{ \"FuncCall\":{ \"funcname\":[] \"RangeVar\":{ \"relname\":\"x\" \"ColumnRef\":{ "
            + "\"fields\":[] \"String\":{\"sval\":\"x\"} \"A_Star\":{} \"TypeCast\":{ \"RoleSpec\":{ \"roletype\":\"x\" "
            + "\"objname\":[] \"ExplainStmt\":{ \"query\":{ \"PrepareStmt\":{ \"CopyStmt\":{ \"CallStmt\":{} \"DoStmt\":{} "
            + "\"X\":{} \"XStmt\":{} \"A_Expr\":{ \"A_Indirection\":{ \"SubLink\":{ \"larg\":{ \"rarg\":{ \"withClause\":{ "
            + "\"ctes\":[ \"kind\":\"\" \"subtype\":\"A\" \"target\":\"\" \"objtype\":\"OBJECT_X\" null true false 0 -1 1e9 "
            + "\\u0000 \\ud800 \\n {} [] { } [ ] , : \"").Split(' ')
        select Bytes.Utf8(word),
    ];

    public int LongestInput => 16 * 1024;

    public bool IsNested => true;

    public void Check(byte[] input, Random random)
    {
        var loaded = _tree.TryLoad(input);
        if (Utf8.IsValid(input))
            CheckLoaded(input, loaded);
        if (loaded)
            CheckStatements();
    }

    private void CheckLoaded(byte[] input, bool loaded)
    {
        using var document = Document(input);
        Promise.Holds(loaded == document is not null, "exactly JSON is loaded");
        if (document is not null)
            CheckSame(document.RootElement, _tree.Root);
    }

    private void CheckStatements()
    {
        try
        {
            foreach (var raw in _tree.Root["stmts"u8].Items)
            {
                var effects = new List<Effect>();
                var statement = StatementReader.Read(raw["stmt"u8], raw["stmt_location"u8].Int, raw["stmt_len"u8].Int, effects);
                Promise.Holds(effects.Count > 0, "a statement has an effect");
                Promise.Holds(statement.Verb != "unknown" || effects.Exists(static e => e.Kind == EffectKind.Opaque),
                    "what is not known is opaque");
            }
        }
        catch (InsufficientExecutionStackException)
        {
            // The reader's word for a tree that nests too deeply; SqlReader makes it an opaque effect.
        }
    }

    /// <summary>Null when it is no JSON, and when it holds a text that is none.</summary>
    private static JsonDocument? Document(byte[] input)
    {
        JsonDocument? document = null;
        try
        {
            document = JsonDocument.Parse(input, new JsonDocumentOptions { MaxDepth = MostNested });
            ReadTexts(document.RootElement);
            return document;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            document?.Dispose();
            return null;
        }
    }

    private static void ReadTexts(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.String)
            element.GetString();
        foreach (var item in element.ValueKind == JsonValueKind.Array ? element.EnumerateArray() : default)
            ReadTexts(item);
        foreach (var member in element.ValueKind == JsonValueKind.Object ? element.EnumerateObject() : default)
        {
            _ = member.Name;
            ReadTexts(member.Value);
        }
    }

    private static void CheckSame(JsonElement element, SqlNode node)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                var members = node.Members;
                foreach (var member in element.EnumerateObject())
                {
                    Promise.Holds(members.MoveNext(), "no member is missed");
                    CheckSame(member.Value, members.Current.Value);
                }
                Promise.Holds(node.IsObject && !members.MoveNext(), "an object is one, and ends where it ends");
                break;
            case JsonValueKind.Array:
                var items = node.Items;
                foreach (var item in element.EnumerateArray())
                {
                    Promise.Holds(items.MoveNext(), "no item is missed");
                    CheckSame(item, items.Current);
                }
                Promise.Holds(node.IsArray && !items.MoveNext(), "a list is one, and ends where it ends");
                break;
            case JsonValueKind.String:
                Promise.Holds(node.Text == element.GetString(), "a text is the same");
                break;
            case JsonValueKind.Number:
                Promise.Holds(node.Text == element.GetRawText(), "a number is the same");
                break;
            default:
                Promise.Holds(node.IsTrue == (element.ValueKind == JsonValueKind.True) && !node.IsArray && !node.IsObject,
                    "only true is true");
                break;
        }
    }
}
