using System.Text;
using System.Text.Json;
using Sallyport.Testing.Wire;

namespace Sallyport.EndToEnd.Tests.Gateway.Corpus;

/// <summary>
/// One line of a .jsonl file here. The file's name is the policy; <c>ops</c> are played one after the other:
/// <c>Q</c> a simple query, <c>X</c> and <c>B</c> the same by the extended protocol with text and binary results,
/// <c>F</c> a FunctionCall by signature, <c>raw</c> messages sent in one piece.
/// <c>expect</c>: <c>deny</c> (the gateway refuses one of them), <c>allow</c> (byte for byte as without a gateway), <c>masked</c> (rows
/// come, values do not), <c>hidden</c> (an error that says no value), <c>refused</c> (it fails; <c>better</c> says what could be given instead).
/// <c>dead</c>: the server alone would not do it here either, for want of a file or an extension.
/// </summary>
public sealed record CorpusCase(string Policy, string Id, string Expect, IReadOnlyList<JsonElement> Ops, IReadOnlyList<string> Contains, bool IsDead, string? Better)
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Gateway", "Corpus");

    private static readonly Dictionary<string, CorpusCase> Cases = Directory.GetFiles(Folder, "*.jsonl").Order(StringComparer.Ordinal)
        .SelectMany(static file => File.ReadLines(file).Select(line => Read(Path.GetFileNameWithoutExtension(file), line)))
        .ToDictionary(static c => c.Id, StringComparer.Ordinal);

    public static string Seed => File.ReadAllText(Path.Combine(Folder, "seed.sql"));

    public static IEnumerable<CorpusCase> All => Cases.Values;

    public static CorpusCase Of(string id) => Cases[id];

    public override string ToString() => Id;

    private static CorpusCase Read(string policy, string line)
    {
        var json = JsonDocument.Parse(line).RootElement;
        return new CorpusCase(policy, json.GetProperty("id").GetString()!, json.GetProperty("expect").GetString()!, [.. json.GetProperty("ops").EnumerateArray()],
            json.TryGetProperty("contains", out var texts) ? [.. texts.EnumerateArray().Select(static t => t.GetString()!)] : [],
            json.TryGetProperty("dead", out _),
            json.TryGetProperty("better", out var better) ? better.GetString() : null);
    }

    /// <summary>The messages of one op.</summary>
    public static byte[] BytesOf(JsonElement op, CorpusNames names)
    {
        var (kind, value) = op.EnumerateObject().Select(static p => (p.Name, p.Value)).First();
        return kind switch
        {
            "Q" => Messages.Query(names.Resolve(value.GetString()!)),
            "X" => Extended(value.GetString()!, format: 0),
            "B" => Extended(value.GetString()!, format: 1),
            "F" => FunctionCall(names.OidOf(value[0].GetString()!), [.. value[1].EnumerateArray().Select(static a => a.GetString()!)]),
            "raw" => Messages.Join([.. value.EnumerateArray().Select(Raw)]),
            _ => throw new InvalidOperationException($"no op {kind}"),
        };
    }

    /// <summary>How many ReadyForQuery it brings.</summary>
    public static int AnswersTo(JsonElement op) =>
        op.TryGetProperty("raw", out var messages) ? messages.EnumerateArray().Count(static m => m[0].GetString() is "S" or "Q") : 1;

    private static byte[] Extended(string sql, short format) =>
        Messages.Join(Messages.Parse("", sql), Bind("", "", [], [format]), Messages.Execute(""), Messages.Sync());

    private static byte[] Bind(string portal, string statement, string[] values, short[] formats) => Messages.Message(
        'B', Messages.CString(portal), Messages.CString(statement), Messages.Int16(0), Messages.Int16((short)values.Length),
        Messages.Join([.. values.SelectMany(static v => new[] { Messages.Int32(Encoding.UTF8.GetByteCount(v)), Encoding.UTF8.GetBytes(v) })]),
        Messages.Int16((short)formats.Length), Messages.Join([.. formats.Select(Messages.Int16)]));

    private static byte[] FunctionCall(int oid, string[] arguments) => Messages.Message(
        'F', Messages.Int32(oid), Messages.Int16(0), Messages.Int16((short)arguments.Length),
        Messages.Join([.. arguments.SelectMany(static a => new[] { Messages.Int32(Encoding.UTF8.GetByteCount(a)), Encoding.UTF8.GetBytes(a) })]), Messages.Int16(0));

    private static byte[] Raw(JsonElement message)
    {
        string Text(int index) => message[index].GetString()!;
        return Text(0) switch
        {
            "P" => Messages.Parse(Text(1), Text(2)),
            "B" => Bind(
                Text(1), Text(2), message.GetArrayLength() > 3 ? [.. message[3].EnumerateArray().Select(static v => v.GetString()!)] : [],
                message.GetArrayLength() > 4 ? [.. message[4].EnumerateArray().Select(static v => v.GetInt16())] : []),
            "D" => Messages.Describe(Text(1)[0], Text(2)),
            "E" => Messages.Execute(Text(1), message.GetArrayLength() > 2 ? message[2].GetInt32() : 0),
            "C" => Messages.Close(Text(1)[0], Text(2)),
            "S" => Messages.Sync(),
            "Q" => Messages.Query(Text(1)),
            "d" => Messages.Message('d', Encoding.UTF8.GetBytes(Text(1))),
            "c" => Messages.Message('c'),
            var other => throw new InvalidOperationException($"no message {other}"),
        };
    }
}

/// <summary>What a case can only know when the server runs.</summary>
public sealed record CorpusNames(string Toast, IReadOnlyDictionary<string, int> Functions)
{
    public string Resolve(string sql) => sql.Replace("{toast}", Toast, StringComparison.Ordinal);

    public int OidOf(string signature) => Functions[signature];
}
