using System.Globalization;
using System.Text;
using Npgsql;
using Sallyport.Postgres.Sql;
using Sallyport.Postgres.Tests.Masking;

namespace Sallyport.Postgres.Tests.Sql;

/// <summary>
/// The installed server's own lexer and grammar against ours over generated text: where a string or a name ends, what it says, and
/// what is no SQL at all (threats 12 to 14).
/// </summary>
[Collection(SqlReaderCollection.Name)]
public sealed class ServerOracleTests(SqlReaderFixture sql, MaskingServer server) : IClassFixture<MaskingServer>
{
    private const int Seed = 20261128;

    [Fact]
    public async Task Threat13_AStringIsToUsWhatItIsToTheServer()
    {
        await using var connection = await server.Source.OpenConnectionAsync();
        var random = new Random(Seed);
        var taken = 0;
        for (var i = 0; i < 3000; i++)
        {
            var text = $"set a.b{Blank(random)}to {Literal(random)}{Tail(random)}";
            var theirs = await ScalarAsync(connection, text, "show a.b");
            var facts = sql.Reader.Read(Encoding.UTF8.GetBytes(text));
            // Up to version 15 a comment may stand between the parts of a continued string; the grammar of 18 refuses that, which is safe.
            if (theirs is null || (facts.Statements.IsEmpty && text.Contains("--", StringComparison.Ordinal)))
                continue;
            Assert.True(facts.Statements.Length == 1, $"the server takes this: {text.ReplaceLineEndings("⏎")} {facts.Effects.FirstOrDefault()?.Detail}");
            Assert.Equal((text, theirs), (text, facts.Statements[0].Value));
            taken++;
        }
        Assert.True(taken > 500, $"only {taken} texts were taken");
    }

    [Fact]
    public async Task Threat28_ANameIsToUsWhatItIsToTheServer()
    {
        await using var connection = await server.Source.OpenConnectionAsync();
        var random = new Random(Seed);
        var taken = 0;
        for (var i = 0; i < 2000; i++)
        {
            var text = $"prepare{Blank(random)}{Name(random)}{Blank(random)}as select 1{Tail(random)}";
            var theirs = await ScalarAsync(connection, text, "select name from pg_prepared_statements where from_sql");
            await ScalarAsync(connection, "deallocate all", "select 1");
            if (theirs is null)
                continue;
            var facts = sql.Reader.Read(Encoding.UTF8.GetBytes(text));
            Assert.True(facts.Statements.Length == 1, $"the server takes this: {text.ReplaceLineEndings("⏎")} {facts.Effects.FirstOrDefault()?.Detail}");
            Assert.Equal((text, theirs), (text, facts.Statements[0].Name));
            taken++;
        }
        Assert.True(taken > 500, $"only {taken} texts were taken");
    }

    [Fact]
    public async Task Threat14_WhatTheServerReadsAsOneStatementIsOneToUs()
    {
        await using var connection = await server.Source.OpenConnectionAsync();
        var random = new Random(Seed);
        var (taken, refused) = (0, 0);
        for (var i = 0; i < 4000; i++)
        {
            var text = Soup(random);
            var state = await StateAsync(connection, text);
            var facts = sql.Reader.Read(Encoding.UTF8.GetBytes(text));
            // 42601 is the grammar's, and that of a few later checks: only what passes it must be read, with as many statements.
            if (state == "42601")
                refused++;
            else
            {
                Assert.True(facts.Statements.Length <= 1 && !facts.Effects.Any(static e => e.Verb == SqlReader.UnreadableVerb), $"the server reads this ({state}): {text}");
                taken++;
            }
        }
        Assert.True(taken > 200 && refused > 200, $"{taken} taken, {refused} refused");
    }

    private static string Pick(Random random, params ReadOnlySpan<string> of) => of[random.Next(of.Length)];

    private static string Blank(Random random) =>
        Pick(random, " ", "  ", "\t", "\n", "\f", "/**/", "/* ' */", "/* /* nested */ \" */", " -- ' $$\n", "--\r", "\r\n");

    private static string Tail(Random random) => Pick(random, "", " ", ";", " -- '", " /* $a$ */", ";;", "\n", " --\n;");

    private static string Literal(Random random)
    {
        var literal = Pick(random, "'{0}'", "E'{1}'", "e'{1}'", "U&'{2}'", "u&'{3}' uescape '!'", "$${0}$$", "$a${0}$a$", "$a$$b${0}$b$$a$", "'{0}'\n'{0}'", "E'{1}'\n'{1}'");
        return string.Format(CultureInfo.InvariantCulture, literal, Body(random, "a", "b c", "''", "\\", "\\\\", "--", "/*", "$", "é", ";", "\n", "\"", "\\'"),
            Body(random, "a", "''", "\\'", "\\\\", "\\n", "\\x41", "\\101", "\\u0041", "\\U00000041", "é", "$$", "\\\n", ";"),
            Body(random, "a", "''", "\\0041", "\\+000041", "\\\\", "é", "--", ";", "\\00e9"), Body(random, "a", "''", "!0041", "!!", "\\", ";"));
    }

    private static string Name(Random random)
    {
        var name = Pick(random, "{0}", "\"{1}\"", "U&\"{2}\"", "u&\"{3}\"{4}uescape{4}'#'");
        return string.Format(CultureInfo.InvariantCulture, name, Body(random, "a", "B", "é", "_", "$", "1", "Ä"), Body(random, "a", "B", "\"\"", " ", "$", "--", ";", "é", "'"),
            Body(random, "a", "\\0041", "\"\"", "B", "\\\\"), Body(random, "a", "#0041", "\"\"", "##"), Pick(random, " ", "\n", "\t "));
    }

    private static string Body(Random random, params ReadOnlySpan<string> parts)
    {
        var body = new StringBuilder();
        for (var i = random.Next(1, 5); i > 0; i--)
            body.Append(Pick(random, parts));
        return body.ToString();
    }

    private static string Soup(Random random)
    {
        var text = new StringBuilder(Pick(random, "select ", "select 1 ", "select a from t ", "delete from t ", "with x as (select 1) select ", "values (1) "));
        for (var i = random.Next(0, 6); i > 0; i--)
            text.Append(Pick(random, "1", "a", "'x'", "E'\\''", "$$;$$", "(", ")", ",", "+", "-", "--\n", "/*;*/", "::int", "as", "from", "where", "t", "\"t\"", "union", "select", "not",
                "null", "case when", "end", "in (1)", "order by 1", "limit 1", "=", "<>", ".", "*", "||", "[1]", "interval '1 d'", "array[1]", "row(1)", ";", "at time zone 'x'", "over ()")).Append(Blank(random));
        return text.ToString();
    }

    private static async Task<string?> ScalarAsync(NpgsqlConnection connection, string text, string question)
    {
        try
        {
            await RunAsync(connection, text);
            return await RunAsync(connection, question) as string;
        }
        catch (PostgresException)
        {
            return null;
        }
    }

    private static async Task<string> StateAsync(NpgsqlConnection connection, string text)
    {
        try
        {
            await RunAsync(connection, $"explain {text}");
            return "00000";
        }
        catch (PostgresException e)
        {
            return e.SqlState;
        }
        finally
        {
            Assert.True(connection.State == System.Data.ConnectionState.Open, $"the server ended the session: {text}");
        }
    }

    // A batch goes as it is: a command would be taken apart at semicolons.
    private static async Task<object?> RunAsync(NpgsqlConnection connection, string text)
    {
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { new NpgsqlBatchCommand(text) } };
        return await batch.ExecuteScalarAsync();
    }
}
