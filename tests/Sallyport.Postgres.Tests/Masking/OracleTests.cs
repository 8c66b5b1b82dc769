using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Npgsql;
using Sallyport.Core;
using Sallyport.Masking;
using Sallyport.Postgres.Masking;

namespace Sallyport.Postgres.Tests.Masking;

/// <summary>
/// Real values of every known type go through every mask in both formats, complete and streamed, and the server must take what comes
/// out as a value of that type (COPY into a column of it, in the format in question).
/// </summary>
public sealed class OracleTests(MaskingServer server) : IClassFixture<MaskingServer>
{
    private const string Values = """
        select * from (values
        (25,'sécret text 12345'),(1043,'zoe@example.com'),(1042,'abc'),(1790,'cursor'),(19,'name'),(18,'x'),(16,'t'),(17,'\xdeadbeef'),(17,''),
        (21,'-12345'),(23,'-2147483648'),(23,'42'),(20,'-9223372036854775808'),(700,'1.5e10'),(701,'-2.5e-300'),(701,'NaN'),
        (1700,'123456789.25'),(1700,'NaN'),(1700,'-0.00001'),(1700,'12345678901234567890123'),(790,'$1234.56'),(26,'4294967295'),
        (28,'77'),(29,'8'),(2205,'pg_class'),(2206,'integer'),(24,'now'),(2202,'now()'),(4096,'postgres'),(4089,'pg_catalog'),
        (5069,'12'),(27,'(3,4)'),(1082,'2024-02-29'),(1082,'infinity'),(1083,'10:20:30.5'),(1266,'10:20:30+05:30'),
        (1114,'2024-02-29 10:20:30.123456'),(1114,'0044-03-15 00:00:00 BC'),(1184,'2024-02-29 10:20:30+00'),(1186,'1 year 2 mons -3 days 04:05:06.7'),
        (2950,'6f8c1b0e-5a55-4c3a-9d7e-2f1f0a9b8c7d'),(114,'{"a": 1}'),(3802,'{"a": [1, "b"]}'),(3802,'7'),(4072,'$."a"'),(142,'<a>b</a>'),
        (869,'192.168.10.1/24'),(869,'fe80::1'),(650,'10.1.0.0/16'),(829,'08:00:2b:01:02:03'),(774,'08:00:2b:01:02:03:04:05'),
        (1560,'1'),(1562,'10101'),(600,'(1.5,-2)'),(628,'{1,2,3}'),(601,'[(1,2),(3,4)]'),(603,'(3,4),(1,2)'),(602,'[(1,2),(3,4)]'),
        (604,'((1,2),(3,4),(5,6))'),(718,'<(1,2),3>'),(3614,'''fat'':2 ''rat'':3'),(3615,'''fat'' & ''rat'''),(3220,'16/B374D848'),
        (3904,'[1,10)'),(3906,'[1.5,2.5]'),(3912,'[2024-01-01,2024-02-01)'),(3910,'empty'),(4451,'{[1,3),[5,9)}'),(4535,'{}'),
        (1009,'{a,"b c",NULL}'),(1007,'{1,22,333}'),(1016,'{4111111111111111}'),(1231,'{1.5,2}'),(1182,'{2024-01-01}'),
        (2951,'{6f8c1b0e-5a55-4c3a-9d7e-2f1f0a9b8c7d}'),(1000,'{t,f}'),(3807,'{"{\"a\": 1}"}'),(1001,'{"\\xdead"}'),(1115,'{}'),
        (25,'pay 4111111111111111 or zoe@example.com'),(20,'4111111111111111'),(1700,'4111111111111111.50'),
        (114,'{"c":4111111111111111,"d":"4111111111111111","e":"x\nzoe@example.com","f":"k -----BEGIN PRIVATE KEY-----\nabc"}'),
        (3802,'[4111111111111111, "a\\zoe@example.com", {"zoe@example.com": "\u00e9123-45-6789"}]'),
        (1009,'{4111111111111111,"q \"zoe@example.com\" \\x","-----BEGIN PRIVATE KEY-----"}'),(142,'<a>zoe@example.com</a>'),
        (1231,'{4111111111111111,1}'),(19,'zoe@example.com')
        ) v(oid, value)
        """;

    private static readonly Mask[] Masks =
    [
        Mask.Redact, new(MaskKind.Null), new(MaskKind.Last4), new(MaskKind.Email), new(MaskKind.Hash), new(MaskKind.Fixed, "12"),
        new(MaskKind.Fixed, "2024-01-02"), new(MaskKind.Fixed, "6f8c1b0e-5a55-4c3a-9d7e-2f1f0a9b8c7d"), new(MaskKind.Fixed, "true"),
    ];

    private static readonly TextMasker Masker = new(new byte[32]);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task EveryMaskOfEveryTypeIsAcceptedByTheServer(short format)
    {
        var failures = new List<string>();
        var seen = new HashSet<uint>();
        await using var connection = await server.Source.OpenConnectionAsync();
        foreach (var (oid, typeName, text) in await ReadValuesAsync(connection))
        {
            seen.Add(oid);
            var input = await EncodeAsync(connection, typeName, text, format);
            foreach (var mask in Masks)
            {
                var plan = new RowPlan([ColumnPlan.Masked(mask, oid, format)], Detectors.None);
                await CheckAsync(plan, $"{typeName} {mask.Kind} {mask.Value}");
            }

            await CheckAsync(new RowPlan([ColumnPlan.Detected(oid, format)], (Detectors)127), $"{typeName} detect");

            async Task CheckAsync(RowPlan plan, string what)
            {
                var row = Row(input);
                var output = new ArrayBufferWriter<byte>();
                Assert.True(new RowMasker(Masker).TryMask(plan, row, output), what);
                await TryAsync(output.WrittenSpan.ToArray(), what);
                output.Clear();
                var streaming = new StreamingRow(Masker);
                streaming.Begin(plan, row.Length, output);
                if (streaming.Feed(row, output) == StreamOutcome.Complete)
                {
                    Assert.Equal(row.Length + 5, output.WrittenCount);
                    await TryAsync(output.WrittenSpan.ToArray(), "streamed " + what);
                }
            }

            async Task TryAsync(byte[] message, string what)
            {
                Assert.Equal(message.Length - 1, BinaryPrimitives.ReadInt32BigEndian(message.AsSpan(1)));
                var length = BinaryPrimitives.ReadInt32BigEndian(message.AsSpan(7));
                var value = length < 0 ? null : message.AsSpan(11, length).ToArray();
                var error = await AcceptAsync(typeName, value, format);
                if (error is not null) failures.Add($"{what} of {text}: {error} [{(value is null ? "" : Convert.ToHexString(value))}]");
            }
        }

        Assert.True(failures.Count == 0, string.Join('\n', failures));
        Assert.True(seen.Count > 55, $"{seen.Count} types");
    }

    [Fact]
    public async Task TheTableOfTypesIsTheServersOwn()
    {
        await using var connection = await server.Source.OpenConnectionAsync();
        await using var command = new NpgsqlCommand(
            "select oid, typelem from pg_type where typcategory = 'A' and typelem <> 0 and typlen = -1 and oid < 10000", connection);
        var arrays = new Dictionary<uint, uint>();
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync()) arrays.Add(reader.GetFieldValue<uint>(0), reader.GetFieldValue<uint>(1));
        for (var oid = 1u; oid < 10_000; oid++)
        {
            var type = WireType.Of(oid);
            if (type.Shape == TypeShape.Array) Assert.Equal(arrays[oid], type.ElementOid);
            else if (type.Shape != TypeShape.Unknown) Assert.False(arrays.ContainsKey(oid));
        }
    }

    private static async Task<List<(uint Oid, string Type, string Text)>> ReadValuesAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand($"select oid::int8, oid::oid::regtype::text, value from ({Values}) x", connection);
        var all = new List<(uint, string, string)>();
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync()) all.Add(((uint)reader.GetInt64(0), reader.GetString(1), reader.GetString(2)));
        return all;
    }

    /// <summary>The server's own bytes of the value, as a DataRow would carry them.</summary>
    private static async Task<byte[]> EncodeAsync(NpgsqlConnection connection, string type, string text, short format)
    {
        var literal = $"'{text.Replace("'", "''", StringComparison.Ordinal)}'::{Declared(type)}";
        if (format == 0)
        {
            // The text format is the output function, which format() calls without a cast.
            await using var command = new NpgsqlCommand($"select convert_to(format('%s', {literal}), 'UTF8')", connection);
            return (byte[])(await command.ExecuteScalarAsync())!;
        }

        await using var stream = await connection.BeginRawBinaryCopyAsync($"copy (select {literal}) to stdout (format binary)");
        var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes);
        var all = bytes.ToArray();
        var length = BinaryPrimitives.ReadInt32BigEndian(all.AsSpan(21));
        return all.AsSpan(25, length).ToArray();
    }

    /// <summary>What the server says against the value, null when it takes it. The type's input or receive function judges, no cast.</summary>
    private async Task<string?> AcceptAsync(string type, byte[]? value, short format)
    {
        await using var connection = await server.Source.OpenConnectionAsync();
        try
        {
            if (format == 0)
            {
                var literal = value is null ? "null" : $"'{Encoding.UTF8.GetString(value).Replace("'", "''", StringComparison.Ordinal)}'";
                await ExecuteAsync(connection, $"select ({literal}::{Declared(type)})::text");
                return null;
            }

            await ExecuteAsync(connection, $"create temp table judge (v {Declared(type)})");
            await using (var stream = await connection.BeginRawBinaryCopyAsync("copy judge from stdin (format binary)"))
            {
                await stream.WriteAsync(CopyOf(value));
            }

            await ExecuteAsync(connection, "select v::text from judge");
            return null;
        }
        catch (Exception refused) when (refused is NpgsqlException or InvalidOperationException)
        {
            return refused.Message;
        }
    }

    /// <summary>One row of one column in COPY's binary format: signature, flags, extension, the row, the trailer.</summary>
    private static byte[] CopyOf(byte[]? value)
    {
        var length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, value?.Length ?? -1);
        return [.. "PGCOPY\n"u8, 0xFF, (byte)'\r', (byte)'\n', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, .. length, .. value ?? [], 0xFF, 0xFF];
    }

    /// <summary>Without a length: clients do not know the column's.</summary>
    private static string Declared(string type) => type switch
    {
        "bit" => "bit varying",
        "character" => "bpchar",
        "bit[]" => "bit varying[]",
        _ => type,
    };

    private static byte[] Row(byte[] value)
    {
        var row = new byte[6 + value.Length];
        row[1] = 1;
        BinaryPrimitives.WriteInt32BigEndian(row.AsSpan(2), value.Length);
        value.CopyTo(row, 6);
        return row;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
