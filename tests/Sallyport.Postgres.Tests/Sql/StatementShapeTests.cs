using Sallyport.Postgres.Sql;

namespace Sallyport.Postgres.Tests.Sql;

/// <summary>What the session's bookkeeping and masking are told about a statement.</summary>
[Collection(SqlReaderCollection.Name)]
public sealed class StatementShapeTests(SqlReaderFixture sql)
{
    [Theory]
    [InlineData("prepare \"P\" as select 1", StatementKind.Prepare, "prepare", "P", null)]
    [InlineData("PREPARE Foo as select 1", StatementKind.Prepare, "prepare", "foo", null)]
    [InlineData("execute foo(1)", StatementKind.Execute, "execute", "foo", null)]
    [InlineData("deallocate prepare foo", StatementKind.Deallocate, "deallocate", "foo", null)]
    [InlineData("deallocate all", StatementKind.Deallocate, "deallocate", null, null)]
    [InlineData("declare c binary cursor for select 1", StatementKind.DeclareCursor, "declare_cursor", "c", null)]
    [InlineData("fetch forward 5 from c", StatementKind.Fetch, "fetch", "c", null)]
    [InlineData("move 5 in c", StatementKind.Fetch, "move", "c", null)]
    [InlineData("close c", StatementKind.CloseCursor, "close", "c", null)]
    [InlineData("close all", StatementKind.CloseCursor, "close", null, null)]
    [InlineData("set Client_Encoding = 'sjis'", StatementKind.Set, "set", "client_encoding", "sjis")]
    [InlineData("set standard_conforming_strings to off", StatementKind.Set, "set", "standard_conforming_strings", "off")]
    [InlineData("set search_path = a, \"B c\"", StatementKind.Set, "set", "search_path", "a, \"B c\"")]
    [InlineData("reset all", StatementKind.Set, "reset", "", null)]
    [InlineData("reset role", StatementKind.Set, "reset", "role", null)]
    [InlineData("select set_config('ROLE', 'bob', true)", StatementKind.Set, "select", "role", "bob")]
    [InlineData("select set_config($1, 'bob', true)", StatementKind.Set, "select", null, null)]
    [InlineData("select set_config('a', '1', true), set_config('b', '2', true)", StatementKind.Set, "select", null, null)]
    [InlineData("discard sequences", StatementKind.Discard, "discard", "sequences", null)]
    [InlineData("begin", StatementKind.Transaction, "begin", null, null)]
    [InlineData("rollback to savepoint s", StatementKind.Transaction, "rollback_to_savepoint", "s", null)]
    [InlineData("copy t from stdin", StatementKind.CopyIn, "copy_in", null, null)]
    [InlineData("copy t to stdout", StatementKind.CopyOut, "copy_out", null, null)]
    [InlineData("copy t to '/tmp/x'", StatementKind.Plain, "copy_out", null, null)]
    [InlineData("explain select 1", StatementKind.Plain, "explain", null, null)]
    [InlineData("with x as (delete from t returning 1) select 1", StatementKind.Plain, "select", null, null)]
    public void TheSessionIsToldWhatToFollow(string text, StatementKind kind, string verb, string? name, string? value)
    {
        var statement = Assert.Single(sql.Read(text).Statements);

        Assert.Equal((kind, verb, name, value), (statement.Kind, statement.Verb, statement.Name, statement.Value));
    }

    [Theory]
    [InlineData("set search_path = x")]
    [InlineData("set local role x")]
    [InlineData("select set_config('search_path', 'x', false)")]
    [InlineData("select set_config(a, 'x', false) from t")]
    [InlineData("update pg_settings set setting = 'x' where name = 'search_path'")]
    [InlineData("explain analyze select set_config('search_path', 'x', false)")]
    [InlineData("copy (select set_config('search_path', 'x', false)) to stdout")]
    [InlineData("create temp table payroll (a int)")]
    [InlineData("select 1 into temp payroll")]
    [InlineData("alter table t rename to u")]
    [InlineData("discard temp")]
    [InlineData("reset all")]
    [InlineData("rollback")]
    [InlineData("rollback to s")]
    [InlineData("commit")]
    [InlineData("do 'begin end'")]
    [InlineData("call p()")]
    [InlineData("select unknown_function()")]
    public void Threat28_WhatMayMoveNamesSaysSo(string text) => Assert.True(sql.Read(text).Statements[^1].MayMoveNames);

    [Theory]
    [InlineData("select a from t where b = 1")]
    [InlineData("insert into t values (1)")]
    [InlineData("begin")]
    [InlineData("set work_mem = '1MB'")]
    [InlineData("prepare p as select unknown_function()")]
    public void WhatCannotMoveNamesDoesNot(string text) => Assert.False(sql.Read(text).Statements[0].MayMoveNames);

    [Fact]
    public void Threat18_ThePreparedBodyIsReadAndItsEffectsAreNotYetThere()
    {
        var prepared = sql.Read("prepare p as with x as (delete from payroll returning *) select * from x");

        Assert.Equal("session prepare", SqlReaderFixture.Describe(prepared));
        Assert.Equal("write delete payroll no-where; read select payroll", SqlReaderFixture.Describe(prepared.Statements[0].Body!));
    }

    [Theory]
    [InlineData("explain analyze execute p")]
    [InlineData("create table t as execute p")]
    public void Threat18_AnExecuteThatIsCarriedIsFound(string text)
    {
        var carried = sql.Read(text).Statements[0].Body!.Statements[0];

        Assert.Equal((StatementKind.Execute, "p"), (carried.Kind, carried.Name));
    }

    [Fact]
    public void StatementsKnowWhereTheyStand()
    {
        const string text = "select 'é;'; delete from t ;update u set a = 1";
        var bytes = System.Text.Encoding.UTF8.GetBytes(text);

        var parts = sql.Read(text).Statements.Select(s => System.Text.Encoding.UTF8.GetString(bytes, s.Start, s.Length).Trim());

        Assert.Equal(["select 'é;'", "delete from t", "update u set a = 1"], parts);
    }
}
