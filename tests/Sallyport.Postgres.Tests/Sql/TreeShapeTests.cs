using System.Text;
using Sallyport.Core;
using Sallyport.Postgres.Sql;

namespace Sallyport.Postgres.Tests.Sql;

/// <summary>Trees in shapes that no text leads to, found by fuzzing: nothing is thrown, and what is not understood is opaque.</summary>
public sealed class TreeShapeTests
{
    private static List<Effect>? Read(string statement)
    {
        var tree = new SqlTree();
        if (!tree.TryLoad(Encoding.UTF8.GetBytes(statement)))
            return null;
        var effects = new List<Effect>();
        StatementReader.Read(tree.Root, 0, 0, effects);
        return effects;
    }

    [Theory]
    [InlineData("""{"SelectStmt":{"targetList":[{"FuncCall":{"funcname":[]}}]}}""")]
    [InlineData("""{"SelectStmt":{"targetList":[{"FuncCall":{}}]}}""")]
    [InlineData("""{"SelectStmt":{"targetList":[{"ResTarget":{"val":{"CaseExpr":{"arg":{"FuncCall":{}}}}}}]}}""")]
    [InlineData("""{"SelectStmt":{"whereClause":{"A_Expr":{"kind":"AEXPR_IN","lexpr":{"FuncCall":{}}}}}}""")]
    [InlineData("""{"CallStmt":{"funccall":{}}}""")]
    [InlineData("""{"CreateTrigStmt":{"trigname":"g"}}""")]
    public void ACallWithoutANameIsOpaque(string statement) => Assert.Contains(Read(statement)!, static e => e.Kind == EffectKind.Opaque);

    [Theory]
    [InlineData("""{"FuncCall":{"funcname":[{"String":{"sval":"abs"}}]}}""")]
    [InlineData("""{"RangeVar":{"relname":"t"}}""")]
    [InlineData("""{"ExplainStmt":{}}""")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("0")]
    public void WhatIsNoStatementIsOpaque(string statement) => Assert.Contains(Read(statement)!, static e => e.Kind == EffectKind.Opaque);

    [Fact]
    public void AStatementThatDoesNothingIsOpaque() => Assert.Contains(
        Read("""{"AlterTableStmt":{"relation":{"relname":"t"},"objtype":"OBJECT_TABLE"}}""")!,
            static e => e is { Kind: EffectKind.Opaque, Verb: "alter_table" });

    [Theory]
    [InlineData("""{"DiscardStmt":{"target":"x"}}""", EffectKind.Session)]
    [InlineData("""{"TransactionStmt":{}}""", EffectKind.Transaction)]
    [InlineData("""{"GrantRoleStmt":{"grantee_roles":[{"RoleSpec":{"roletype":"x"}}]}}""", EffectKind.Privilege)]
    [InlineData("""{"AlterTableStmt":{"relation":{"relname":"t"},"cmds":[{"AlterTableCmd":{"subtype":"A"}}]}}""", EffectKind.Alter)]
    [InlineData("""{"DeleteStmt":{"relation":{"relname":"t"},"whereClause":{"ColumnRef":{"fields":[]}}}}""", EffectKind.Write)]
    public void AWordThatIsNoneOfTheGrammarsIsReadAsItStands(string statement, EffectKind kind) =>
        Assert.Equal(kind, Assert.Single(Read(statement)!).Kind);

    [Theory]
    [InlineData("DropSubscriptionStmt")]
    [InlineData("DropRoleStmt")]
    public void AStatementOfTwoEffectsIsVisitedOnce(string type)
    {
        // Were each visited twice, this would be a million million visits.
        var nested = string.Concat(Enumerable.Repeat($$"""{"{{type}}":{"x":""", 40)) + "0" + new string('}', 80);

        Assert.Equal(2, Read(nested)!.Count);
    }

    [Fact]
    public void TheSameEffectOnTheSameColumnIsOne() => Assert.Single(
        Read("""{"AlterTableStmt":{"relation":{"relname":"t"},"objtype":"OBJECT_TABLE","cmds":[STEP,STEP]}}"""
            .Replace("STEP", """{"AlterTableCmd":{"subtype":"AT_SetStatistics","name":"c"}}""", StringComparison.Ordinal))!);

    [Fact]
    public void HalfOfASurrogatePairIsNoText() => Assert.Null(Read("""{"SelectStmt":{"x":"\ud800"}}"""));
}
