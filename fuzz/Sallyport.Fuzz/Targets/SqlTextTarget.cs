using System.Text;
using System.Text.Unicode;
using Sallyport.Core;
using Sallyport.Postgres.Sql;

namespace Sallyport.Fuzz.Targets;

/// <summary>
/// SQL as clients send it, through the real grammar. What a plain walk of the tree names is among the facts; a statement does the same
/// alone, prepared, explained and behind another one; and no verb is said that a policy could not name.
/// </summary>
internal sealed class SqlTextTarget : IFuzzTarget
{
    // Without a cache, so that each text is read.
    private readonly Lazy<SqlReader> _reader = new(static () => SqlReader.Create(new SqlReaderOptions { CacheBytes = 0 }));
    private readonly Lazy<GrammarModule> _module = new(static () => GrammarModule.Load(new SqlReaderOptions()));
    private readonly SqlTree _tree = new();
    private GrammarInstance? _grammar;

    public string Name => "sql";

    public IReadOnlyList<byte[]> Corpus => SqlSamples.Texts;

    public IReadOnlyList<byte[]> Tokens => SqlSamples.Words;

    public int LongestInput => 4096;

    public bool IsNested => true;

    public void Check(byte[] input, Random random)
    {
        var facts = _reader.Value.Read(input);
        Promise.Holds(facts.Text.Span.SequenceEqual(input), "the facts carry their text");
        Promise.Holds(All(facts).SelectMany(static f => f.Effects).All(static e => SqlVerbs.All.Contains(e.Verb)),
            "a policy may name every verb");
        if (IsUnreadable(facts))
        {
            Promise.Holds(facts.Statements.IsEmpty && facts.Effects.Length == 1, "what cannot be read is one opaque effect");
            return;
        }
        Promise.Holds(!input.Contains((byte)0) && Utf8.IsValid(input), "only clean text is read");
        CheckTree(input, facts);
        LineagePromise.Check(All(facts));
        CheckStatements(input, facts);
        if (facts.Statements is [{ Kind: StatementKind.Plain, Verb: "select" or "insert" or "update" or "delete" or "merge" } only])
            CheckCarried(input.AsSpan(only.Start, only.Length), facts, random.Next(3));
    }

    private void CheckTree(byte[] input, SqlFacts facts)
    {
        _grammar ??= _module.Value.CreateInstance();
        if (_grammar.Parse(input, _tree) != GrammarOutcome.Parsed)
        {
            // Time or memory decided, and not the text.
            _grammar.Dispose();
            _grammar = null;
            return;
        }
        var names = new SqlTreeNames(_tree.Root);
        var statements = All(facts).SelectMany(static f => f.Statements).ToList();
        Promise.Holds(names.Relations.IsSubsetOf(statements.SelectMany(static s => s.Relations).Select(static r => r.ToString())),
            "no relation is missed");
        Promise.Holds(names.Functions.IsSubsetOf(statements.SelectMany(static s => s.Functions).Select(static f => f.ToString())),
            "no function is missed");
        if (names.Functions.Except(BuiltIns.Names.Concat(BuiltIns.Names.Select(static name => "pg_catalog." + name))).Any())
            Promise.Holds(All(facts).SelectMany(static f => f.Effects).Any(static e => e.Kind is EffectKind.Opaque or EffectKind.Server),
                "a strange function is not harmless");
        if (!input.Contains((byte)0xEF) && !input.Contains((byte)'\\'))
            Promise.Holds(!names.All.Any(static name => name.Contains('\uFFFD', StringComparison.Ordinal)), "names are whole characters");
    }

    private void CheckStatements(byte[] input, SqlFacts facts)
    {
        var end = 0;
        var effects = new HashSet<string>();
        foreach (var statement in facts.Statements)
        {
            Promise.Holds(statement.Start >= end && statement.Length > 0 && statement.Start + statement.Length <= input.Length,
                "statements follow one another");
            end = statement.Start + statement.Length;
            var alone = statement.Length == input.Length ? facts : _reader.Value.Read(input.AsSpan(statement.Start, statement.Length));
            if (IsSlow(alone))
                return;
            Promise.Holds(alone.Statements.Length == 1 && Describe(alone.Statements[0]) == Describe(statement),
                "a statement alone is the same statement");
            Promise.Holds(!alone.Effects.IsEmpty, "a statement has an effect");
            effects.UnionWith(alone.Effects.Select(Describe));
        }
        Promise.Holds(effects.SetEquals(facts.Effects.Select(Describe)), "the effects are those of the statements");
    }

    private void CheckCarried(ReadOnlySpan<byte> statement, SqlFacts facts, int way)
    {
        var carrier = way switch { 0 => "prepare p as "u8, 1 => "explain analyze "u8, _ => "select 1;"u8 };
        var carried = _reader.Value.Read([.. carrier, .. statement]);
        if (IsSlow(carried))
            return;
        // What SELECT INTO makes cannot be prepared.
        if (way == 0 && IsUnreadable(carried))
            return;
        var effects = (way == 0 ? carried.Statements[0].Body! : carried).Effects.Select(Describe).ToHashSet();
        Promise.Holds(effects.IsSupersetOf(facts.Effects.Select(Describe)), "a statement that is carried does what it does alone");
        Promise.Holds(way != 0 || effects.Count == facts.Effects.Select(Describe).Distinct().Count(), "a prepared statement does no more");
    }

    private static bool IsUnreadable(SqlFacts facts) => facts.Effects is [{ Verb: SqlReader.UnreadableVerb }];

    // The clock or the stack decided: another time it may be read.
    private static bool IsSlow(SqlFacts facts) =>
        facts.Effects.Any(static e => e.Verb == SqlReader.UnreadableVerb
            && e.Detail?.StartsWith(SqlReader.SyntaxErrorPrefix, StringComparison.Ordinal) == false);

    private static IEnumerable<SqlFacts> All(SqlFacts facts) =>
        facts.Statements.Select(static s => s.Body).OfType<SqlFacts>().SelectMany(All).Prepend(facts);

    private static string Describe(Effect effect) =>
        $"{effect.Kind} {effect.Verb} {string.Join(' ', effect.Objects.Select(Describe))} {effect.Where} {effect.Detail}";

    private static string Describe(EffectObject item) => $"{item.Type}:{item}({string.Join(',', item.Columns)})";

    private static string Describe(SqlStatement statement) =>
        new StringBuilder($"{statement.Kind} {statement.Verb} {statement.Name} {statement.Value} ")
        .AppendJoin(' ', statement.Relations.Concat(statement.Functions).Select(Describe)).Append('|')
        .AppendJoin(' ', statement.Operators.Select(Describe)).AppendJoin(' ', statement.Calls).Append('|')
        .AppendJoin(' ', statement.Notations.Concat(statement.Casts).Concat(statement.Types)).Append('|')
        .AppendJoin(' ', statement.Scripts).Append('|').Append(statement.Query?.GetType().Name).Append(statement.IsStored).Append(statement.MayMoveNames)
        .Append(statement.Body is null ? "" : string.Join(' ', statement.Body.Statements.Select(Describe))).ToString();
}
