using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;
using Sallyport.Core;
using Sallyport.Postgres.Masking;

namespace Sallyport.Postgres.Tests.Masking;

public sealed class StreamingRowTests
{
    private static readonly RowPlan Plan = new(
        [
            ColumnPlan.Keep, ColumnPlan.Masked(new Mask(MaskKind.Last4), 25, 0), ColumnPlan.Detected(25, 0), ColumnPlan.Masked(Mask.Redact, 3802, 1),
            ColumnPlan.Detected(114, 0), ColumnPlan.Masked(Mask.Redact, 1114, 0), ColumnPlan.Masked(new Mask(MaskKind.Null), 17, 0),
            ColumnPlan.Detected(20, 1), ColumnPlan.Keep,
        ],
        Rows.All);

    [Fact]
    public void Threat34_EveryCutOfTheInputGivesTheSameOutput()
    {
        var body = Rows.Body(
            Rows.Utf8("kept"), Rows.Utf8("sécret"), Rows.Utf8("to zoe@example.com, 4111 1111 1111 1111"), [1, .. "{\"a\":\"b\"}"u8],
            Rows.Utf8("""{"a":"x\nzoe@example.com","b":4111111111111111}"""), Rows.Utf8("2024-02-29 10:20:30.5"), Rows.Utf8("\\xdeadbeef"),
            null, []);
        var whole = Rows.Stream(Plan, body, [])!;
        Assert.Equal(body.Length + 5, whole.Length);
        var fields = Rows.Fields(whole);
        Assert.Equal("kept", Rows.Text(fields[0]));
        Assert.Equal("*******", Rows.Text(fields[1]));
        Assert.Equal("to ***************, *******************", Rows.Text(fields[2]));
        Assert.Equal("\u0001\"*******\"", Rows.Text(fields[3]));
        Assert.Equal("""{"a":"x\n***************","b":1111111111111111}""", Rows.Text(fields[4]));
        Assert.Equal("1111-11-11 11:11:11.1", Rows.Text(fields[5]));
        Assert.Equal("\\x00000000", Rows.Text(fields[6]));

        for (var first = 0; first <= body.Length; first++)
        {
            Assert.Equal(whole, Rows.Stream(Plan, body, [first]));
            for (var second = first; second <= body.Length; second += 13) Assert.Equal(whole, Rows.Stream(Plan, body, [first, second]));
        }

        Assert.Equal(whole, Rows.Stream(Plan, body, Enumerable.Range(1, body.Length - 1)));
    }

    [Fact]
    public void Threat7_ALongFieldIsScrubbedAsIfItWereSeenWhole()
    {
        var random = new Random(5);
        string[] secrets = ["zoe.longer.name@mail.example.com", "4111-1111-1111-1111", "DE89 3704 0044 0532 0130 00", "123-45-6789", "AKIAIOSFODNN7EXAMPLE"];
        var plan = new RowPlan([ColumnPlan.Detected(25, 0)], Rows.All);
        for (var round = 0; round < 10; round++)
        {
            var text = new System.Text.StringBuilder();
            while (text.Length < 400_000) text.Append('x', random.Next(1, 2500)).Append(' ').Append(secrets[random.Next(secrets.Length)]).Append(' ');
            var body = Rows.Body(Rows.Utf8(text.ToString()));
            var expected = secrets.Aggregate(text.ToString(), (all, secret) => all.Replace(secret, new string('*', secret.Length), StringComparison.Ordinal));
            var cuts = Enumerable.Range(0, 40).Select(_ => random.Next(body.Length)).Order();
            Assert.Equal(expected, Rows.Text(Rows.Fields(Rows.Stream(plan, body, cuts))[0]));
        }
    }

    [Fact]
    public void Threat7_ASecretAcrossTheEdgeOfAWindowIsFoundAtEveryPlace()
    {
        var plan = new RowPlan([ColumnPlan.Detected(114, 0)], Rows.All);
        var window = 4 * (Rows.Masker.LongestDetected + 512);
        var edge = window - Rows.Masker.LongestDetected - 512;
        foreach (var middle in new[] { edge, edge - 512, edge - 1024, window })
        {
            for (var start = middle - 40; start < middle + 10; start++)
            {
                var json = $"{{\"a\":\"{new string('x', start)}\\nzoe.longer@example.com {new string('y', window)}\"}}";
                var masked = Rows.Fields(Rows.Stream(plan, Rows.Body(Rows.Utf8(json)), []))[0]!;
                Assert.DoesNotContain("example", Rows.Text(masked), StringComparison.Ordinal);
                Assert.DoesNotContain("zoe", Rows.Text(masked), StringComparison.Ordinal);
                using var document = JsonDocument.Parse(masked);
            }
        }
    }

    [Fact]
    public void Threat7_AHundredMegabytesPassInBoundedMemory()
    {
        const int size = 100 << 20;
        var plan = new RowPlan([ColumnPlan.Masked(Mask.Redact, 25, 0), ColumnPlan.Detected(25, 0)], Rows.All);
        var row = new StreamingRow(Rows.Masker);
        var output = new ArrayBufferWriter<byte>(1 << 20);
        var chunk = new byte[64 * 1024];
        chunk.AsSpan().Fill((byte)'a');
        var head = new byte[6];
        row.Begin(plan, 2 + 4 + size + 4 + size, output);
        head[1] = 2;
        BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(2), size);
        long written = 0;
        Assert.Equal(StreamOutcome.More, row.Feed(head, output));
        var before = GC.GetAllocatedBytesForCurrentThread();
        FeedField();
        Assert.Equal(StreamOutcome.More, row.Feed(head.AsSpan(2), output));
        Assert.Equal(StreamOutcome.Complete, FeedField());
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        Assert.Equal(5 + 2 + 4 + 4 + (2L * size), written + output.WrittenCount);

        StreamOutcome FeedField()
        {
            var outcome = StreamOutcome.More;
            for (var sent = 0; sent < size; sent += chunk.Length)
            {
                written += output.WrittenCount;
                output.ResetWrittenCount();
                outcome = row.Feed(chunk, output);
            }

            return outcome;
        }
    }

    [Theory]
    [InlineData(16500u, 0, "label")]
    [InlineData(3904u, 0, "[1,10)")]
    [InlineData(650u, 0, "10.1.2.0/24")]
    [InlineData(1009u, 1, "binary array")]
    [InlineData(17u, 0, "octal")]
    [InlineData(23u, 1, "abc")]
    [InlineData(114u, 0, "")]
    public void WhatCannotBeFilledIsRefusedBeforeAnyOfItIsSent(uint oid, short format, string value)
    {
        var plan = new RowPlan([ColumnPlan.Masked(Mask.Redact, oid, format)], Detectors.None);
        var body = Rows.Body(Rows.Utf8(value));
        var output = new ArrayBufferWriter<byte>();
        var row = new StreamingRow(Rows.Masker);
        row.Begin(plan, body.Length, output);
        Assert.Equal(StreamOutcome.Refused, row.Feed(body, output));
        Assert.Equal(7, output.WrittenCount);
        Assert.Equal(StreamOutcome.Refused, row.Feed(body.AsSpan(0, 1), output));
        Assert.Equal(7, output.WrittenCount);
    }

    [Fact]
    public void Threat9_LengthsThatLieAreRefusedAndNoMaskedByteIsSent()
    {
        var plan = new RowPlan([ColumnPlan.Masked(Mask.Redact, 25, 0), ColumnPlan.Keep], Detectors.None);
        var good = Rows.Body(Rows.Utf8("secret"), Rows.Utf8("open"));
        foreach (var lie in new[] { -2, int.MinValue, int.MaxValue, 7, 11, 100 })
        {
            var body = (byte[])good.Clone();
            BinaryPrimitives.WriteInt32BigEndian(body.AsSpan(2), lie);
            Assert.Null(Rows.Stream(plan, body, []));
        }

        Assert.Null(Rows.Stream(plan, Rows.Body(Rows.Utf8("secret")), []));
        Assert.Null(Rows.Stream(plan, [.. good, 0], []));
        for (var length = 0; length < good.Length; length++) Assert.Null(Rows.Stream(plan, good[..length], []));
        var row = new StreamingRow(Rows.Masker);
        row.Begin(plan, good.Length, new ArrayBufferWriter<byte>());
        Assert.Equal(StreamOutcome.Refused, row.Feed([.. good, 1], new ArrayBufferWriter<byte>()));
    }
}
