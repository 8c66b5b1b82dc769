using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Npgsql;
using Sallyport.Core;
using Sallyport.Postgres.Masking;
using Sallyport.Postgres.Sql;
using Sallyport.Postgres.Tests.Sql;

namespace Sallyport.Postgres.Tests.Masking;

/// <summary>
/// What the real server sends for COPY goes through the masker; the server reads what comes out back, and it must be what the same
/// masks make of the rows of a SELECT.
/// </summary>
[Collection(SqlReaderCollection.Name)]
public sealed class CopyMaskerTests(MaskingServer server, SqlReaderFixture sql) : IClassFixture<MaskingServer>
{
    private const string Table = """
        create temp table t (id int, name text, ssn text, amount numeric, score bigint, uid uuid, notes text, data jsonb, birth date, mail text,
          bits bytea, fixed text, free text, doc jsonb, card bigint, tags text[], empty text);
        insert into t values
         (1, E'tab\there', '912-45-6781', 1234567.89, 4242424242, '6f8c1b0e-5a55-4c3a-9d7e-2f1f0a9b8c7d', E'no\ttab\nline,"q"\\N', '{"a": "b\\n"}', '2001-02-03',
          'zoe@example.com', '\xdead', 'x', E'to zoe@example.com,\n"now"\t\\.', '{"m": "zoe@example.com \" \\n"}', 4111111111111111, '{"zoe@example.com","a\"b"}', ''),
         (2, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null),
         (3, '', '', 0, 0, '00000000-0000-0000-0000-000000000000', '', '{}', '1999-12-31', '', '', '', '', '[]', 0, '{}', ''),
         (4, '\N', '\N', -1, 7, gen_random_uuid(), '\N', '1', '2024-02-29', '\N', '\x5c', '\N', '\N', '"\\N"', 12, '{NULL,"\\N"}', '\N'),
         (5, '\.', '\.', 99999, 8, gen_random_uuid(), '\.', 'null', 'infinity', '\.@x.test', '\x', '\.', '\.', '"x"', 13, '{"\\."}', '\.'),
         (6, E'\b\f\r\v|;,''"\\', E'\b\f\r\v|;,''"\\', 12345.5, 9, gen_random_uuid(), E'A\b1\f2\r3\v4|;,''"\\5', '"é"', '0044-03-15 BC', E'q"''|;,\\\b@x.test',
          '\x0a', E'\b', E'412-45-6789|412-45-6789;"412-45-6789"''\\', '["412-45-6789"]', 14, '{"412-45-6789"}', E'\r\n');
        """;

    private static readonly (string Column, Mask? Mask)[] Columns =
    [
        ("id", null), ("name", null), ("ssn", Mask.Redact), ("amount", new(MaskKind.Last4)), ("score", new(MaskKind.Hash)),
        ("uid", new(MaskKind.Hash)),
        ("notes", new(MaskKind.Last4)), ("data", Mask.Redact), ("birth", Mask.Redact), ("mail", new(MaskKind.Email)), ("bits", new(MaskKind.Null)),
        ("fixed", new(MaskKind.Fixed, "a\t\"b\"\n\\N,'|;")), ("free", null), ("doc", null), ("card", null), ("tags", null),
        ("empty", new(MaskKind.Fixed, "")),
    ];

    public static TheoryData<string> Options => new(
        "", "delimiter '|', null 'none'", "delimiter ',', header", "null '~'", "format csv",
        "format csv, header, delimiter ';', null 'n/a', quote '''', escape '\\'",
        "format csv, delimiter E'\\t', force_quote *", "format csv, force_quote (ssn, name), null '\\N'", "format csv, escape ','",
        "format csv, header, quote '|', delimiter '\\'",
        "format binary");

    [Theory]
    [MemberData(nameof(Options))]
    public async Task Threat31_TheServerReadsBackWhatASelectWouldShow(string options)
    {
        await using var connection = await OpenAsync();
        var payload = await CopyAsync(connection, options);
        var (plan, copy) = (await PlanAsync(connection, copy: Read(options)), Read(options));

        var masked = Masked(plan, copy, [payload]);

        await ExecuteAsync(connection, "create temp table back (like t)");
        await LoadAsync(connection, options, masked);
        await ShowAsync(connection);
        foreach (var (one, other) in (await TextsAsync(connection, "shown")).Zip(await TextsAsync(connection, "back")))
            Assert.Equal(one, other);
    }

    [Theory]
    [MemberData(nameof(Options))]
    public async Task Threat34_EveryCutOfTheDataGivesTheSameOutput(string options)
    {
        await using var connection = await OpenAsync();
        var payload = await CopyAsync(connection, options);
        var copy = Read(options);
        var plan = await PlanAsync(connection, copy);
        var whole = Masked(plan, copy, [payload]);

        for (var cut = 0; cut <= payload.Length; cut++)
        {
            Assert.Equal(whole, Masked(plan, copy, [payload[..cut], payload[cut..]]));
            Assert.Equal(whole, Masked(plan, copy, [payload[..cut], payload[cut..]], isOneMessage: true));
        }
        Assert.Equal(whole, Masked(plan, copy, payload.Select(static b => new[] { b })));
    }

    [Theory]
    [MemberData(nameof(Options))]
    public async Task Threat34_DataThatStopsInsideARowOrHasAnotherNumberOfFieldsIsRefused(string options)
    {
        await using var connection = await OpenAsync();
        var payload = await CopyAsync(connection, options);
        var copy = Read(options);
        var plan = await PlanAsync(connection, copy);

        Assert.Throws<CopyRefusedException>(() => Masked(plan, copy, [payload[..^3]]));
        Assert.Throws<CopyRefusedException>(() => Masked(new RowPlan(plan.Columns.RemoveAt(3), Rows.All), copy, [payload]));
        Assert.Throws<CopyRefusedException>(() => Masked(new RowPlan(plan.Columns.Add(ColumnPlan.Keep), Rows.All), copy, [payload]));
    }

    [Theory]
    [InlineData("format csv", "\"a\"b,c\n")]
    [InlineData("format csv", "a\"b,c\n")]
    [InlineData("format csv, escape '\\'", "\"a\\b\",c\n")]
    [InlineData("format csv, escape '\\'", "\"a\"\"b\",c\n")]
    [InlineData("format binary", "PGCOPY\r\n")]
    [InlineData("format binary", "PGCOPY\n\u00ff\r\n\0\0\u0001\0\0\0\0\0\0\u00ff\u00ff")]
    [InlineData("format binary", "PGCOPY\n\u00ff\r\n\0\0\0\0\0\u00ff\0\0\0\u00ff\u00ff")]
    [InlineData("format binary", "PGCOPY\n\u00ff\r\n\0\0\0\0\0\0\0\0\0\u00ff\u00ff\0\u0002")]
    [InlineData("format binary", "PGCOPY\n\u00ff\r\n\0\0\0\0\0\0\0\0\0\0\u0002\u00ff\u00ff\u00ff\u00fe")]
    public void Threat34_WhatTheServerWouldNotWriteIsRefused(string options, string data)
    {
        var plan = new RowPlan([ColumnPlan.Keep, ColumnPlan.Masked(Mask.Redact, 25, 0)], Detectors.None);

        Assert.Throws<CopyRefusedException>(() => Masked(plan, Read(options), [Encoding.Latin1.GetBytes(data)]));
    }

    [Theory]
    [InlineData("", "\\N\n")]
    [InlineData("format csv", "\"quoted, and long\"\n")]
    public void NothingTellsHowTheMaskedValueWasWritten(string options, string data)
    {
        var plan = new RowPlan([ColumnPlan.Masked(new Mask(MaskKind.Fixed, "x"), 25, 0)], Detectors.None);

        Assert.Equal(data[0] == '\\' ? data : "x\n", Encoding.UTF8.GetString(Masked(plan, Read(options), [Encoding.UTF8.GetBytes(data)])));
    }

    [Theory]
    [InlineData("", "k\tsecret\n", "k\t[redacted]\n")]
    [InlineData("format csv", "k,\"secret\"\n", "k,[redacted]\n")]
    public void OneMessageComesForEachThatWentInAndHoldsWholeRows(string options, string row, string expected)
    {
        var plan = new RowPlan([ColumnPlan.Keep, ColumnPlan.Masked(Mask.Redact, 25, 0)], Detectors.None);
        var bytes = Encoding.UTF8.GetBytes(row);

        var messages = Messages(plan, Read(options), [bytes, bytes[..2], bytes[2..5], bytes[5..], [.. bytes, .. bytes]]);

        Assert.Equal([expected, expected, expected + expected], messages.Select(Encoding.UTF8.GetString));
    }

    [Fact]
    public void Threat7_ALongRowIsSentInPartsAndAMaskDoesNotSeeALongField()
    {
        var plan = new RowPlan(
            [ColumnPlan.Keep, ColumnPlan.Masked(new Mask(MaskKind.Last4), 25, 0), ColumnPlan.Masked(new Mask(MaskKind.Null), 25, 0)], Detectors.None);
        var row = Encoding.UTF8.GetBytes($"{new string('k', 5000)}\t{new string('s', 5000)}\t{new string('n', 5000)}\n");

        foreach (var size in (int[])[1, 7, 999, row.Length])
        {
            var messages = Messages(plan, Read(""), row.Chunk(size), isOneMessage: true, longest: 1000);

            Assert.Equal($"{new string('k', 5000)}\t[redacted]\t\\N\n", Encoding.UTF8.GetString([.. messages.SelectMany(static m => m)]));
            Assert.All(messages, m => Assert.InRange(m.Length, 1, size == row.Length ? row.Length : 2000 + size));
        }
    }

    [Theory]
    [InlineData("", "k\t{0}\n", false)]
    [InlineData("format csv", "k,\"{0}\"\n", false)]
    [InlineData("format binary", "", true)]
    [InlineData("format binary", "", false)]
    public void Threat7_AFieldThatMustBeLookedIntoAndABinaryRowAreHeldWithinTheLimit(string options, string format, bool isKept)
    {
        var plan = new RowPlan([ColumnPlan.Keep, isKept ? ColumnPlan.Keep : ColumnPlan.Detected(25, 0)], Rows.All);
        var value = new string('x', 5000);
        var data = format.Length > 0
            ? Encoding.UTF8.GetBytes(string.Format(null, format, value))
            : [.. Encoding.Latin1.GetBytes("PGCOPY\n\u00ff\r\n\0\0\0\0\0\0\0\0\0"), .. Rows.Body([1], Encoding.UTF8.GetBytes(value))];

        var refused = Assert.Throws<CopyRefusedException>(
            () => Messages(plan, Read(options), data.Chunk(64), isOneMessage: true, longest: 1000));

        Assert.Equal(CopyOutcome.TooLarge, refused.Outcome);
    }

    [Fact]
    public void NothingIsAllocatedForARow()
    {
        var plan = new RowPlan([ColumnPlan.Keep, ColumnPlan.Masked(new Mask(MaskKind.Email), 25, 0), ColumnPlan.Detected(25, 0)], Rows.All);
        var masker = new CopyMasker(Rows.Masker);
        var output = new ArrayBufferWriter<byte>(1 << 16);
        var row = Rows.Utf8("1\tzoe@\\tex.test\tto zoe@example.com\\n\n");
        masker.Begin(plan, Read(""));
        Feed();

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++) Feed();

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Feed()
        {
            output.ResetWrittenCount();
            masker.Feed(row, output);
            masker.EndMessage(output);
        }
    }

    private CopyOptions Read(string options) =>
        sql.Read(options.Length == 0 ? "copy t to stdout" : $"copy t to stdout ({options})").Statements[0].Copy!;

    private static byte[] Masked(RowPlan plan, CopyOptions options, IEnumerable<byte[]> pieces, bool isOneMessage = false) =>
        [.. Messages(plan, options, pieces, isOneMessage).SelectMany(static m => m)];

    /// <summary>The bodies of the CopyData messages that come out.</summary>
    private static List<byte[]> Messages(
        RowPlan plan, CopyOptions options, IEnumerable<byte[]> pieces, bool isOneMessage = false, int longest = CopyMasker.LongestRow)
    {
        var masker = new CopyMasker(Rows.Masker, longest);
        var output = new ArrayBufferWriter<byte>();
        masker.Begin(plan, options);
        foreach (var piece in pieces)
        {
            var outcome = masker.Feed(piece, output);
            if (outcome != CopyOutcome.Taken) throw new CopyRefusedException(outcome);
            if (!isOneMessage) masker.EndMessage(output);
        }
        masker.EndMessage(output);
        if (!masker.End()) throw new CopyRefusedException(CopyOutcome.Refused);
        var messages = new List<byte[]>();
        for (var rest = output.WrittenSpan; !rest.IsEmpty;)
        {
            Assert.Equal((byte)'d', rest[0]);
            var length = BinaryPrimitives.ReadInt32BigEndian(rest[1..]) + 1;
            Assert.True(length > 5);
            messages.Add(rest[5..length].ToArray());
            rest = rest[length..];
        }
        return messages;
    }

    private async Task<NpgsqlConnection> OpenAsync()
    {
        var connection = await server.Source.OpenConnectionAsync();
        await ExecuteAsync(connection, "drop table if exists t, back, shown");
        await ExecuteAsync(connection, Table);
        return connection;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string text)
    {
        await using var command = new NpgsqlCommand(text, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<byte[]> CopyAsync(NpgsqlConnection connection, string options)
    {
        var text = "copy t to stdout" + (options.Length == 0 ? "" : $" ({options})");
        if (!options.Contains("binary", StringComparison.Ordinal))
        {
            using var reader = await connection.BeginTextExportAsync(text);
            return Encoding.UTF8.GetBytes(await reader.ReadToEndAsync());
        }
        await using var stream = await connection.BeginRawBinaryCopyAsync(text);
        var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes);
        return bytes.ToArray();
    }

    private static async Task LoadAsync(NpgsqlConnection connection, string options, byte[] data)
    {
        // What only COPY TO has.
        var both = options.Split(", ").Where(static o => !o.StartsWith("force_quote", StringComparison.Ordinal) && o is not ("name)" or ""));
        var into = string.Join(", ", both);
        var text = "copy back from stdin" + (into.Length == 0 ? "" : $" ({into})");
        if (!options.Contains("binary", StringComparison.Ordinal))
        {
            await using var writer = await connection.BeginTextImportAsync(text);
            await writer.WriteAsync(Encoding.UTF8.GetString(data));
            return;
        }
        await using var stream = await connection.BeginRawBinaryCopyAsync(text);
        await stream.WriteAsync(data);
    }

    private static async Task<RowPlan> PlanAsync(NpgsqlConnection connection, CopyOptions copy)
    {
        return PlanIn((short)(copy.Format == CopyFormat.Binary ? 1 : 0), await TypesAsync(connection));
    }

    private static RowPlan PlanIn(short format, uint[] types)
    {
        return new RowPlan([.. Columns.Select((c, i) => Plan(c.Mask, types[i]))], Rows.All);

        ColumnPlan Plan(Mask? mask, uint type) => mask is null ? ColumnPlan.Detected(type, format) : ColumnPlan.Masked(mask, type, format);
    }

    private static async Task<uint[]> TypesAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand(
            "select atttypid from pg_attribute where attrelid = 't'::regclass and attnum > 0 order by attnum", connection);
        await using var reader = await command.ExecuteReaderAsync();
        var types = new List<uint>();
        while (await reader.ReadAsync()) types.Add(reader.GetFieldValue<uint>(0));
        return [.. types];
    }

    /// <summary>Fills a table with what the masker of rows makes of each row's texts.</summary>
    private static async Task ShowAsync(NpgsqlConnection connection)
    {
        var types = await TypesAsync(connection);
        var plan = PlanIn(0, types);
        await ExecuteAsync(connection, "create temp table shown (like t)");
        var values = string.Join(", ", types.Select(static (type, i) => $"cast(${i + 1}::text as {TypeName(type)})"));
        foreach (var row in await RowsAsync(connection, "t"))
        {
            await using var insert = new NpgsqlCommand($"insert into shown values ({values})", connection);
            foreach (var value in Rows.Mask(plan, row))
            {
                object text = value is null ? DBNull.Value : Rows.Text(value);
                insert.Parameters.Add(new NpgsqlParameter { Value = text, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
            }
            await insert.ExecuteNonQueryAsync();
        }
    }

    private static string TypeName(uint type) => type switch
    {
        17 => "bytea",
        20 => "bigint",
        23 => "int",
        1009 => "text[]",
        1082 => "date",
        1700 => "numeric",
        2950 => "uuid",
        3802 => "jsonb",
        _ => "text",
    };

    private static async Task<List<string[]>> TextsAsync(NpgsqlConnection connection, string table)
    {
        var rows = await RowsAsync(connection, table);
        Assert.Equal(6, rows.Count);
        return [.. rows.Select(static row => row.Select(Rows.Text).ToArray())];
    }

    private static async Task<List<byte[]?[]>> RowsAsync(NpgsqlConnection connection, string table)
    {
        var outputs = string.Join(
            ", ", Columns.Select(static c => $"case when {c.Column} is not null then convert_to(format('%s', {c.Column}), 'UTF8') end"));
        await using var command = new NpgsqlCommand($"select {outputs} from {table} order by id", connection);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<byte[]?[]>();
        while (await reader.ReadAsync())
            rows.Add([.. Enumerable.Range(0, Columns.Length).Select(i => reader.IsDBNull(i) ? null : reader.GetFieldValue<byte[]>(i))]);
        return rows;
    }

    private sealed class CopyRefusedException(CopyOutcome outcome) : Exception(outcome.ToString())
    {
        public CopyOutcome Outcome { get; } = outcome;
    }
}
