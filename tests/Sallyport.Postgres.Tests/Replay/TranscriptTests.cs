using System.Buffers.Binary;
using System.Text;
using Sallyport.Core;
using Sallyport.Postgres.Replay;

namespace Sallyport.Postgres.Tests.Replay;

public sealed class TranscriptTests
{
    private static readonly DateTimeOffset At = new(2026, 11, 22, 10, 0, 0, TimeSpan.Zero);

    [Fact]
    public void AnAnswerCutAnywhereReadsTheSame()
    {
        byte[] answer = [
            .. Message('1'), .. Message('2'), .. Columns(("id", 23, 1), ("name", 25, 0)),
            .. Row([0, 0, 0, 7], "ann"u8.ToArray()), .. Row([0, 0, 0, 8], null),
            .. Message('C', "SELECT 2\0"u8), .. Message('N', "SNOTICE\0C00000\0Mhello\0\0"u8),
            .. Message('E', "SERROR\0VERROR\0C42501\0Mno\0Dwhy\0Hask\0\0"u8), .. Message('Z', "I"u8),
        ];
        var whole = Read(answer);
        var result = Assert.IsType<ResultItem>(whole[0]);
        Assert.Equal(["id", "name"], result.Columns!.Value.ToArray());
        Assert.Equal("7,ann", string.Join(",", result.Rows[0]));
        Assert.Equal(("8", null), (result.Rows[1][0], result.Rows[1][1]));
        Assert.Equal((2L, "SELECT 2"), (result.RowCount, result.Tag));
        Assert.Equal(new MessageItem(At, true, "ERROR", "42501", "no", "why", "ask"), whole[2]);
        Assert.Equal(3, whole.Count);

        for (var cut = 1; cut < answer.Length; cut++)
            Assert.Equal(Render(whole), Render(Read(answer[..cut], answer[cut..])));
        Assert.Equal(Render(whole), Render(Read([.. answer.Select(value => new[] { value })])));
    }

    [Fact]
    public void RowsBeyondTheLimitAreCountedNotKept()
    {
        var transcript = new PostgresTranscript(maxRows: 3);
        byte[] rows = [.. Columns(("a", 25, 0)), .. Enumerable.Range(0, 10).SelectMany(_ => Row("x"u8.ToArray())), .. Message('C', "SELECT 10\0"u8)];
        var result = Assert.IsType<ResultItem>(Assert.Single(transcript.Add(At, RecordKind.Answer, rows)));
        Assert.Equal((3, 10L), (result.Rows.Length, result.RowCount));
    }

    [Theory]
    [InlineData('T', new byte[] { 0, 1, 65 })]
    [InlineData('D', new byte[] { 0, 1, 0, 0, 0, 9, 1 })]
    [InlineData('D', new byte[] { })]
    public void MalformedMessagesAreSaidNotThrown(char type, byte[] body) =>
        Assert.IsType<UnreadableItem>(Assert.Single(Read(Message(type, body))));

    [Fact]
    public void AnImpossibleLengthIsSaidOnce()
    {
        var items = Read([(byte)'D', 0xff, 0xff, 0xff, 0xff], "more"u8.ToArray());
        Assert.IsType<UnreadableItem>(Assert.Single(items));
    }

    [Theory]
    [InlineData(16, "01", "t")]
    [InlineData(21, "fffe", "-2")]
    [InlineData(23, "00000539", "1337")]
    [InlineData(20, "8000000000000000", "-9223372036854775808")]
    [InlineData(700, "3fc00000", "1.5")]
    [InlineData(701, "bff8000000000000", "-1.5")]
    [InlineData(25, "68c3a9", "hé")]
    [InlineData(25, "ff", @"\xff")]
    [InlineData(17, "00ff", @"\x00ff")]
    [InlineData(2950, "00112233445566778899aabbccddeeff", "00112233-4455-6677-8899-aabbccddeeff")]
    [InlineData(1082, "00000001", "2000-01-02")]
    [InlineData(1082, "7fffffff", "infinity")]
    [InlineData(1082, "0145c7ff", @"\x0145c7ff")]
    [InlineData(1082, "7ffffff0", @"\x7ffffff0")]
    [InlineData(1114, "00000000000f4240", "2000-01-01 00:00:01")]
    [InlineData(1184, "ffffffffffffffff", "1999-12-31 23:59:59.999999+00")]
    [InlineData(1184, "7ffffffffffffffe", @"\x7ffffffffffffffe")]
    [InlineData(3802, "017b7d", "{}")]
    [InlineData(1700, "0000000000000000", "0")]
    [InlineData(1700, "0000000000000002", "0.00")]
    [InlineData(1700, "00020000000000020001162e", "1.56")]
    [InlineData(1700, "000200014000000004d2162e", "-12345678")]
    [InlineData(1700, "0001ffff000000041388", "0.5000")]
    [InlineData(1700, "0001fffe000000080001", "0.00000001")]
    [InlineData(1700, "000100010000000000 01", "10000")]
    [InlineData(1700, "00000000c0000000", "NaN")]
    [InlineData(1700, "0009", @"\x0009")]
    [InlineData(23, "00", @"\x00")]
    [InlineData(600, "00", @"\x00")]
    public void BinaryValuesReadAsTheServerPrintsThem(uint type, string hex, string expected) =>
        Assert.Equal(expected, BinaryValueOf(type, Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal))));

    [Fact]
    public void ACommandShowsItsDecisionAndDecodedParameters()
    {
        var item = Command("select $1, $2", DecisionKind.Allow, CommandFlags.Prepared, (23, 1, [0, 0, 0, 5]), (25, 0, null));
        Assert.Equal([new TranscriptParameter(23, "5"), new TranscriptParameter(25, null)], item.Parameters.ToArray());
        Assert.Equal((7UL, "a-rule", true), (item.Number, item.Rule, item.Ran));
    }

    [Fact]
    public void ACommandRecordWithLyingParametersIsUnreadable()
    {
        var record = new CommandRecord { Number = 1, Decision = DecisionKind.Allow, Rule = "r"u8, Snapshot = "s"u8, Text = "x"u8, Parameters = [9, 0, 1] };
        var bytes = new byte[record.Size];
        record.Write(bytes);
        Assert.IsType<UnreadableItem>(Assert.Single(new PostgresTranscript().Add(At, RecordKind.Command, bytes)));
    }

    [Fact]
    public void Threat68_Threat90_NothingRecordedDrivesTheTerminal()
    {
        const string Evil = "a\u001b[2J\u009b1m\u202e\u200b\r\u0007z";
        var text = Encoding.UTF8.GetBytes(Evil);
        List<TranscriptItem> items = [
            Command(Evil, DecisionKind.Deny, CommandFlags.None, (25, 0, text)),
            .. Read([.. Columns((Evil, 25, 0)), .. Row(text), .. Message('C', [.. text, 0]), .. Message('E', [(byte)'M', .. text, 0, 0])]),
            new NoteItem(At, RecordKind.Event, Evil), new UnreadableItem(At, Evil),
        ];
        var shown = Render(items);
        Assert.DoesNotContain(shown, c => (char.IsControl(c) && c != '\n') || c is '\u202e' or '\u200b');
        Assert.Contains(@"a\e[2J\u{009B}1m\u{202E}\u{200B}\r\u{0007}z", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void TheTerminalAlignsCapsAndSaysWhatItLeftOut()
    {
        var output = new StringWriter { NewLine = "\n" };
        var renderer = new TerminalRenderer(output, new TerminalOptions { MaxRows = 2, MaxWidth = 6 });
        byte[] rows = [
            .. Columns(("id", 25, 0), ("word", 25, 0)), .. Row("1"u8.ToArray(), null),
            .. Row("22"u8.ToArray(), "longer than six"u8.ToArray()), .. Row("3"u8.ToArray(), null),
        ];
        foreach (var item in Read([.. rows, .. Message('C', "SELECT 3\0"u8)]))
            renderer.Write(item);
        Assert.Equal(" id | word\n----+--------\n 1  | NULL\n 22 | longe…\n... 1 more rows\nSELECT 3\n", output.ToString());
    }

    [Fact]
    public void JsonLinesHoldOneObjectEach()
    {
        var output = new StringWriter();
        var exporter = new PostgresJsonLines(output);
        exporter.Write(Command("select\n1", DecisionKind.Hold, CommandFlags.Approved));
        exporter.Write(new NoteItem(At, RecordKind.HoldOutcome, """{"id":"h-1"}"""));
        exporter.Write(new NoteItem(At, RecordKind.Event, "not json\n"));
        var lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, lines.Length);
        using var command = System.Text.Json.JsonDocument.Parse(lines[0]);
        Assert.Equal(("hold", "select\n1"), (command.RootElement.GetProperty("decision").GetString(), command.RootElement.GetProperty("text").GetString()));
        Assert.Contains("\"kind\":\"hold_outcome\",\"data\":{\"id\":\"h-1\"}", lines[1], StringComparison.Ordinal);
        Assert.Contains(@"""data"":""not json\n""", lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public void TheScriptHoldsWhatRanAndNothingThatPsqlWouldMisread()
    {
        var output = new StringWriter { NewLine = "\n" };
        var exporter = new SqlExporter(output);
        exporter.Write(Command("select 1; -- one", DecisionKind.Allow, CommandFlags.None));
        exporter.Write(Command("drop table t", DecisionKind.Deny, CommandFlags.None));
        exporter.Write(Command(
            "insert into t values ($1, $2, $3);", DecisionKind.Hold, CommandFlags.Approved, (25, 0, "it's"u8.ToArray()), (17, 1, [1, 2]), (23, 0, null)));
        exporter.Write(Command("select 1 \\! rm -rf /", DecisionKind.Allow, CommandFlags.None));
        exporter.Write(Command("select 'open", DecisionKind.Allow, CommandFlags.None));
        exporter.Write(new MessageItem(At, true, "ERROR", "42601", "unterminated", null, null));
        exporter.Write(Command("copy t from stdin", DecisionKind.Allow, CommandFlags.None));
        exporter.Complete();

        var runnable = output.ToString().Split('\n').Where(line => line.Length > 0 && !line.StartsWith("--", StringComparison.Ordinal));
        Assert.Equal([
            "select 1; -- one", ";", "PREPARE replayed AS insert into t values ($1, $2, $3)", ";",
            "EXECUTE replayed('it''s', decode('0102', 'hex'), NULL)", ";", "DEALLOCATE replayed", ";",
        ], runnable);
        Assert.Equal(3, output.ToString().Split("left out").Length - 1);
    }

    [Fact]
    public void CopyDataIsCountedInBothDirections()
    {
        byte[] copy = [.. Message('d', "12345"u8), .. Message('d', "678"u8)];
        Assert.Equal(new CopyItem(At, true, 8), Read([.. copy, .. Message('C', "COPY 2\0"u8)])[0]);
        Assert.Equal(new CopyItem(At, false, 8), Assert.Single(new PostgresTranscript().Add(At, RecordKind.Input, copy)));
    }

    private static string? BinaryValueOf(uint type, byte[] bytes) => Command("", DecisionKind.Allow, CommandFlags.None, (type, 1, bytes)).Parameters[0].Text;

    private static List<TranscriptItem> Read(params byte[][] records)
    {
        var transcript = new PostgresTranscript();
        return [.. records.SelectMany(record => transcript.Add(At, RecordKind.Answer, record))];
    }

    private static string Render(IEnumerable<TranscriptItem> items)
    {
        var output = new StringWriter { NewLine = "\n" };
        var renderer = new TerminalRenderer(output, new TerminalOptions());
        foreach (var item in items)
            renderer.Write(item);
        return output.ToString();
    }

    private static CommandItem Command(string text, DecisionKind decision, CommandFlags flags, params (uint Type, short Format, byte[]? Value)[] parameters)
    {
        var encoded = new List<byte> { (byte)parameters.Length, 0 };
        foreach (var (type, format, value) in parameters)
        {
            encoded.AddRange(BitConverter.GetBytes(type));
            encoded.AddRange(BitConverter.GetBytes(format));
            encoded.AddRange(BitConverter.GetBytes(value?.Length ?? -1));
            encoded.AddRange(value ?? []);
        }
        var record = new CommandRecord
        {
            Number = 7,
            Decision = decision,
            Flags = flags,
            Rule = "a-rule"u8,
            Snapshot = "0123456789abcdef"u8,
            Text = Encoding.UTF8.GetBytes(text),
            Parameters = encoded.ToArray(),
        };
        var bytes = new byte[record.Size];
        record.Write(bytes);
        return Assert.IsType<CommandItem>(Assert.Single(new PostgresTranscript().Add(At, RecordKind.Command, bytes)));
    }

    private static byte[] Message(char type, ReadOnlySpan<byte> body = default)
    {
        var message = new byte[5 + body.Length];
        message[0] = (byte)type;
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(1), 4 + body.Length);
        body.CopyTo(message.AsSpan(5));
        return message;
    }

    private static byte[] Columns(params (string Name, uint Type, short Format)[] columns)
    {
        var body = new List<byte> { 0, (byte)columns.Length };
        foreach (var (name, type, format) in columns)
        {
            body.AddRange(Encoding.UTF8.GetBytes(name));
            body.AddRange(new byte[7]);
            body.AddRange(BitConverter.GetBytes(BinaryPrimitives.ReverseEndianness(type)));
            body.AddRange(new byte[6]);
            body.AddRange([0, (byte)format]);
        }
        return Message('T', body.ToArray());
    }

    private static byte[] Row(params byte[]?[] cells)
    {
        var body = new List<byte> { 0, (byte)cells.Length };
        foreach (var cell in cells)
        {
            body.AddRange(BitConverter.GetBytes(BinaryPrimitives.ReverseEndianness(cell?.Length ?? -1)));
            body.AddRange(cell ?? []);
        }
        return Message('D', body.ToArray());
    }
}
