using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text.Json;
using Sallyport.Core;
using Sallyport.Postgres.Masking;

namespace Sallyport.Postgres.Tests.Masking;

public sealed class RowMaskerTests
{
    [Theory]
    [InlineData(MaskKind.Redact, 25u, "secret", "[redacted]")]
    [InlineData(MaskKind.Null, 25u, "secret", "NULL")]
    [InlineData(MaskKind.Last4, 25u, "4111 1111 1111 1234", "**** **** **** 1234")]
    [InlineData(MaskKind.Email, 1043u, "zoe@example.com", "z***@example.com")]
    [InlineData(MaskKind.Last4, 23u, "-1234567", "4567")]
    [InlineData(MaskKind.Last4, 23u, "1234", "0")]
    [InlineData(MaskKind.Last4, 23u, "10007", "7")]
    [InlineData(MaskKind.Last4, 1700u, "-123456.78", "3456")]
    [InlineData(MaskKind.Last4, 1700u, "NaN", "0")]
    [InlineData(MaskKind.Last4, 1082u, "2024-02-03", "2000-01-01")]
    [InlineData(MaskKind.Email, 23u, "77", "0")]
    [InlineData(MaskKind.Hash, 16u, "t", "f")]
    [InlineData(MaskKind.Redact, 16500u, "an enum's label", "NULL")]
    [InlineData(MaskKind.Redact, 1009u, "{secret}", "{}")]
    [InlineData(MaskKind.Last4, 23u, "no number", "0")]
    public void AMaskedTextFieldIsOfItsType(MaskKind kind, uint oid, string value, string expected) =>
        Assert.Equal(expected, Rows.Text(Rows.Mask(Plan(ColumnPlan.Masked(new Mask(kind), oid, 0)), Rows.Utf8(value))[0]));

    [Theory]
    [InlineData(21u, 2)]
    [InlineData(23u, 4)]
    [InlineData(20u, 8)]
    public void AHashedIntegerIsPositiveAndTheSameInBothFormats(uint oid, int size)
    {
        var hash = new Mask(MaskKind.Hash);
        var binary = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(binary, 12345);
        var text = long.Parse(Rows.Text(Rows.Mask(Plan(ColumnPlan.Masked(hash, oid, 0)), Rows.Utf8("12345"))[0]), null);
        var masked = Rows.Mask(Plan(ColumnPlan.Masked(hash, oid, 1)), binary[^size..])[0]!;
        Assert.Equal(size, masked.Length);
        var number = size switch { 2 => BinaryPrimitives.ReadInt16BigEndian(masked), 4 => BinaryPrimitives.ReadInt32BigEndian(masked), _ => BinaryPrimitives.ReadInt64BigEndian(masked) };
        Assert.Equal(text, number);
        Assert.True(number >= 0 && number != 12345);
    }

    [Fact]
    public void AHashedUuidIsTheSameInBothFormats()
    {
        var id = new Guid("6f8c1b0e-5a55-4c3a-9d7e-2f1f0a9b8c7d");
        var plan = Plan(ColumnPlan.Masked(new Mask(MaskKind.Hash), 2950, 0), ColumnPlan.Masked(new Mask(MaskKind.Hash), 2950, 1));
        var masked = Rows.Mask(plan, Rows.Utf8(id.ToString()), id.ToByteArray(bigEndian: true));
        Assert.Equal(Guid.Parse(Rows.Text(masked[0])), new Guid(masked[1]!, bigEndian: true));
        Assert.NotEqual(id, new Guid(masked[1]!, bigEndian: true));
    }

    [Fact]
    public void AnUnknownFormatIsNeverPassed() =>
        Assert.Null(Rows.Mask(Plan(ColumnPlan.Masked(Mask.Redact, 25, 7)), Rows.Utf8("secret"))[0]);

    [Fact]
    public void AFixedValueIsEncodedForItsType()
    {
        var mask = new Mask(MaskKind.Fixed, "12");
        var plan = Plan(ColumnPlan.Masked(mask, 23, 1), ColumnPlan.Masked(mask, 25, 0), ColumnPlan.Masked(mask, 3802, 1), ColumnPlan.Masked(mask, 2950, 0));
        var masked = Rows.Mask(plan, new byte[4], [], [1], Rows.Utf8("x"));
        Assert.Equal([0, 0, 0, 12], masked[0]);
        Assert.Equal("12", Rows.Text(masked[1]));
        Assert.Equal("\u000112", Rows.Text(masked[2]));
        Assert.Equal(Guid.Empty.ToString(), Rows.Text(masked[3]));
    }

    [Theory]
    [InlineData("""{"a":4111111111111111}""")]
    [InlineData("""{"a":"x\nzoe@example.com"}""")]
    [InlineData("""{"a":"x\\nzoe@example.com"}""")]
    [InlineData("""{"a":"\u0041bzoe@example.com"}""")]
    [InlineData("""["-----BEGIN PRIVATE KEY-----\nabc\"def", "zoe@example.com"]""")]
    [InlineData("""[[-4111111111111111, 0.4111111111111111], {"zoe@example.com": "4111111111111111"}]""")]
    [InlineData("\"4111111111111111\"")]
    [InlineData("4111111111111111")]
    [InlineData("""{"a":"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ6b2UifQ.c2ln"}""")]
    public void WhatIsFoundInJsonIsBlottedOutAndTheJsonStaysValid(string json)
    {
        var value = Rows.Utf8(json);
        foreach (var (oid, version) in new[] { (114u, Array.Empty<byte>()), (3802u, [(byte)1]) })
        {
            byte[] input = [.. version, .. value];
            var masked = Rows.Mask(Plan(ColumnPlan.Detected(oid, 1)), input)[0]!;
            Assert.Equal(input.Length, masked.Length);
            using var document = JsonDocument.Parse(masked.AsMemory(version.Length));
            var text = Rows.Text(masked);
            Assert.DoesNotContain("4111111111111111", text, StringComparison.Ordinal);
            Assert.DoesNotContain("zoe@", text, StringComparison.Ordinal);
            Assert.DoesNotContain("abc", text, StringComparison.Ordinal);
            Assert.DoesNotContain("c2ln", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void CardNumbersInNumbersAreFound()
    {
        var number = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(number, 4111111111111111);
        byte[] numeric = [0, 4, 0, 3, 0, 0, 0, 0, .. Digit(4111), .. Digit(1111), .. Digit(1111), .. Digit(1111)];
        var plan = Plan(ColumnPlan.Detected(20, 1), ColumnPlan.Detected(1700, 1), ColumnPlan.Detected(20, 0), ColumnPlan.Detected(20, 1));
        var masked = Rows.Mask(plan, number, numeric, Rows.Utf8("4111111111111111"), [0, 0, 0, 0, 0, 0, 0, 9]);
        Assert.All(masked[0]!, value => Assert.Equal(0, value));
        Assert.All(masked[1]![8..], value => Assert.Equal(0, value));
        Assert.Equal(new string('0', 16), Rows.Text(masked[2]));
        Assert.Equal(9, masked[3]![7]);

        static byte[] Digit(int value) => [(byte)(value >> 8), (byte)value];
    }

    [Fact]
    public void RandomRowsAreMaskedAsTheObviousWayDoes()
    {
        var random = new Random(11);
        string[] values = ["", "x", "zoe@example.com", "card 4111-1111-1111-1111.", "12345678", new('ß', 300), "123-45-6789 and zoe@x.org"];
        ColumnPlan[] plans =
        [
            ColumnPlan.Keep, ColumnPlan.Masked(new Mask(MaskKind.Last4), 25, 0), ColumnPlan.Masked(new Mask(MaskKind.Null), 25, 0),
            ColumnPlan.Masked(Mask.Redact, 23, 1), ColumnPlan.Detected(25, 0), ColumnPlan.Detected(16, 0),
        ];
        for (var round = 0; round < 5000; round++)
        {
            var chosen = Enumerable.Range(0, random.Next(12)).Select(_ => random.Next(plans.Length)).ToArray();
            var fields = chosen.Select(_ => random.Next(5) == 0 ? null : Rows.Utf8(values[random.Next(values.Length)])).ToArray();
            var masked = Rows.Mask(Plan([.. chosen.Select(index => plans[index])]), fields);
            for (var i = 0; i < chosen.Length; i++) Assert.Equal(Reference(chosen[i], fields[i]), Rows.Text(masked[i]));
        }
    }

    [Fact]
    public void Threat9_ARowThatIsNotOfThePlansShapeWritesNothing()
    {
        var plan = Plan(ColumnPlan.Masked(Mask.Redact, 25, 0), ColumnPlan.Keep);
        var good = Rows.Body(Rows.Utf8("secret"), Rows.Utf8("open"));
        Refused(Rows.Body(Rows.Utf8("secret")));
        Refused(Rows.Body(Rows.Utf8("secret"), null, null));
        Refused([.. good, 0]);
        for (var length = 0; length < good.Length; length++) Refused(good[..length]);
        foreach (var lie in new[] { -2, int.MinValue, int.MaxValue, 7, 5 })
        {
            var body = (byte[])good.Clone();
            BinaryPrimitives.WriteInt32BigEndian(body.AsSpan(2), lie);
            Refused(body);
        }

        void Refused(byte[] body)
        {
            var output = new ArrayBufferWriter<byte>();
            Assert.False(new RowMasker(Rows.Masker).TryMask(plan, body, output));
            Assert.Equal(0, output.WrittenCount);
        }
    }

    [Fact]
    public void AMillionFieldsAllocateNothing()
    {
        var plan = Plan(
            ColumnPlan.Keep, ColumnPlan.Masked(new Mask(MaskKind.Last4), 25, 0), ColumnPlan.Masked(new Mask(MaskKind.Hash), 23, 1),
            ColumnPlan.Detected(25, 0), ColumnPlan.Masked(new Mask(MaskKind.Email), 25, 0));
        var body = Rows.Body(Rows.Utf8("kept"), Rows.Utf8("4111 1111 1111 1234"), [0, 1, 2, 3], Rows.Utf8("to zoe@example.com"), Rows.Utf8("zoe@example.com"));
        var masker = new RowMasker(Rows.Masker);
        var output = new ArrayBufferWriter<byte>(1024);
        Run(1000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(200_000);
        // Nothing per row: less than a byte for each.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 50_000);

        void Run(int rows)
        {
            for (var row = 0; row < rows; row++)
            {
                output.ResetWrittenCount();
                masker.TryMask(plan, body, output);
            }
        }
    }

    [Fact]
    public void APlanThatChangesNothingSaysSo()
    {
        Assert.True(new RowPlan([ColumnPlan.Keep, ColumnPlan.Detected(16, 0)], Rows.All).IsPassThrough);
        Assert.True(new RowPlan([ColumnPlan.Detected(25, 0)], Detectors.None).IsPassThrough);
        Assert.False(new RowPlan([ColumnPlan.Detected(25, 0)], Detectors.Pan).IsPassThrough);
        Assert.False(new RowPlan([ColumnPlan.Masked(Mask.Redact, 16, 0)], Detectors.None).IsPassThrough);
    }

    private static RowPlan Plan(params ImmutableArray<ColumnPlan> columns) => new(columns, Rows.All);

    private static string Reference(int plan, byte[]? field)
    {
        var text = Rows.Text(field);
        if (field is null) return "NULL";
        return plan switch
        {
            1 => Last4(text),
            2 => "NULL",
            3 => "\0\0\0\0",
            4 => text.Replace("zoe@example.com", new string('*', 15), StringComparison.Ordinal)
                .Replace("zoe@x.org", new string('*', 9), StringComparison.Ordinal)
                .Replace("4111-1111-1111-1111", new string('*', 19), StringComparison.Ordinal)
                .Replace("123-45-6789", new string('*', 11), StringComparison.Ordinal),
            _ => text,
        };
    }

    private static string Last4(string text)
    {
        var letters = text.Count(char.IsLetterOrDigit);
        var seen = 0;
        return string.Concat(text.Select(letter => char.IsLetterOrDigit(letter) && (seen++ < letters - 4 || letters <= 4) ? '*' : letter));
    }
}
