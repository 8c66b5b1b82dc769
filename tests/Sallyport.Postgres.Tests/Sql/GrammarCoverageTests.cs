using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using Sallyport.Core;
using Sallyport.Postgres.Sql;

namespace Sallyport.Postgres.Tests.Sql;

/// <summary>The grammar's own list of statements against ours: one that PostgreSQL adds shows up here, and is opaque until then.</summary>
[Collection(SqlReaderCollection.Name)]
public sealed partial class GrammarCoverageTests(SqlReaderFixture sql)
{
    // Made by the analyser, not by the parser, or the frame around each statement; PLAssignStmt needs a mode that is never on.
    private static readonly string[] NeverParsed = ["RawStmt", "SetOperationStmt", "PLAssignStmt"];

    [Fact]
    public void EveryStatementOfTheGrammarHasASampleAndIsKnown()
    {
        var samples = Samples().ToList();
        var seen = new HashSet<string>();
        using var module = GrammarModule.Load(new SqlReaderOptions { CacheFolder = SqlReaderFixture.CacheFolder });
        using var grammar = module.CreateInstance();
        var tree = new SqlTree();
        foreach (var sample in samples)
        {
            Assert.Equal(GrammarOutcome.Parsed, grammar.Parse(Encoding.UTF8.GetBytes(sample), tree));
            CollectStatements(tree.Root, seen);
            Assert.DoesNotContain(sql.Read(sample).Effects, static e => e is { Kind: EffectKind.Opaque, Verb: "unknown" });
        }

        var known = StatementsOfGrammar();
        Assert.True(known.Count > 110, "the list of the grammar was not found");
        Assert.Empty(known.Except(seen).Except(NeverParsed));
    }

    private static IEnumerable<string> Samples() =>
        from type in (Type[])[typeof(EffectsOfQueriesTests), typeof(EffectsOfSessionTests), typeof(EffectsOfSchemaChangesTests), typeof(EffectsOfFunctionsTests)]
        from method in type.GetMethods()
        from data in method.GetCustomAttributes<InlineDataAttribute>()
        from row in data.GetData(method)
        select (string)row[0];

    [Fact]
    public void Threat95_APolicyMayNameEveryKindOfObjectAndEveryStepThatTheGrammarHas()
    {
        var grammar = TextOfGrammar();
        var objects = ObjectName().Matches(grammar).Select(static m => m.Groups[1].Value.ToLowerInvariant()).ToHashSet();
        var steps = StepName().Matches(grammar).Select(static m => SnakeHump().Replace(m.Groups[1].Value, "_$0").ToLowerInvariant()).ToHashSet();
        // The first four have words of their own, the last two are no kinds but a token and part of a token.
        objects.ExceptWith(["matview", "fdw", "tabconstraint", "domconstraint", "p", "system"]);
        steps.ExceptWith(["change_owner", "column_default"]);

        Assert.True(objects.Count > 40 && steps.Count > 50, $"{objects.Count} kinds and {steps.Count} steps were found");
        Assert.Empty(objects.Select(static word => $"drop_{word}").Except(SqlVerbs.All));
        Assert.Empty(steps.Select(static step => $"alter_table_{step}").Except(SqlVerbs.All));
    }

    private static HashSet<string> StatementsOfGrammar() => StatementName().Matches(TextOfGrammar()).Select(static m => m.Groups[1].Value).ToHashSet();

    private static string TextOfGrammar()
    {
        using var stream = typeof(SqlReader).Assembly.GetManifestResourceStream("libpg-query.wasm")!;
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return Encoding.Latin1.GetString(copy.ToArray());
    }

    private static void CollectStatements(SqlNode node, HashSet<string> seen)
    {
        foreach (var item in node.Items)
            CollectStatements(item, seen);
        if (node.Type.EndsWith("Stmt"u8))
            seen.Add(Encoding.ASCII.GetString(node.Type));
        foreach (var member in node.Members)
            CollectStatements(member.Value, seen);
    }

    [GeneratedRegex("\"([A-Z][A-Za-z]+Stmt)\":")]
    private static partial Regex StatementName();

    [GeneratedRegex("OBJECT_([A-Z_]+)\0")]
    private static partial Regex ObjectName();

    [GeneratedRegex("AT_([A-Z][a-z][A-Za-z]+)\0")]
    private static partial Regex StepName();

    [GeneratedRegex("(?<!^)[A-Z]")]
    private static partial Regex SnakeHump();
}
