using System.Buffers;
using System.Buffers.Binary;
using Sallyport.Core;
using Sallyport.Masking;
using Sallyport.Postgres.Masking;
using Sallyport.Postgres.Sql;

namespace Sallyport.Fuzz.Targets;

/// <summary>
/// COPY data in all three formats: cut anywhere it is masked alike, and what comes out is, field by field, what an obvious reading of
/// the whole says. The first byte of an input chooses the format.
/// </summary>
internal sealed class CopyMaskerTarget : IFuzzTarget
{
    private static readonly CopyOptions[] Options =
    [
        new(), new() { Delimiter = (byte)'|', Null = [.. "none"u8], HasHeader = true },
        new() { Format = CopyFormat.Csv, Delimiter = (byte)',', Null = [] },
        new()
        {
            Format = CopyFormat.Csv, Delimiter = (byte)';', Null = [.. "n/a"u8], Quote = (byte)'\'', Escape = (byte)'\\', HasHeader = true,
            ForcesQuotes = true,
        },
        new() { Format = CopyFormat.Binary },
    ];

    private static readonly TextMasker Masker = new(new byte[32]);

    private readonly CopyMasker _masker = new(Masker);
    private readonly RowMasker _rows = new(Masker);

    public string Name => "copy";

    public IReadOnlyList<byte[]> Corpus { get; } =
    [
        [0, .. "kept\tsecret\t4111 1111 1111 1234\tgone\tto zoe@example.com\n\\N\t\\N\t\\N\t\\N\t\\N\nk\\tx\t\\\\N\ta1\\n234567\t\t\\b\\f\\n\\r\\t\\v\\\\\n"u8],
        [1, .. "a|b|c|d|e\nkept|secret|12\\|34567|gone|zoe@example.com\\|\nnone|none|none|none|none\n||||\n"u8],
        [2, .. "kept,secret,\"4111,1111\"\"1234\",gone,\"to\nzoe@example.com\"\n,,,,\n\"\",\"\",\"\",\"\",\"\"\n"u8],
        [3, .. "a;b;c;d;e\nkept;'sec\\'ret';'41;11\\\\1234';gone;'to\nzoe@example.com'\nn/a;n/a;n/a;n/a;n/a\n'n/a';'';x;y;z\n"u8],
        [
            4, .. "PGCOPY\n"u8, 0xFF, (byte)'\r', (byte)'\n', 0, 0, 0, 0, 0, 0, 0, 0, 2, 7, 7,
            .. Bytes.Row([.. "kept"u8], [.. "secret"u8], [.. "4111 1234"u8], [.. "gone"u8], [.. "zoe@example.com"u8]),
            .. Bytes.Row(null, null, null, null, null), .. Bytes.Row([], [], [], [], []), 0xFF, 0xFF,
        ],
    ];

    public void Check(byte[] input, Random random)
    {
        if (input.Length == 0)
            return;
        var options = Options[input[0] % Options.Length];
        var plan = PlanOf(options);
        var whole = Run(plan, options, [input[1..]]);
        var cut = Run(plan, options, Cuts.Pieces(input[1..], random));
        var expected = Read(input.AsSpan(1), options);
        Promise.Holds((whole is null) == (expected is null), "exactly what is of the plan's shape is taken");
        Promise.Holds(
            whole is null ? cut is null : cut is not null && whole.AsSpan().SequenceEqual(cut), "how the data is cut does not change it");
        if (whole is null)
            return;
        var masked = Read(whole, options);
        Promise.Holds(masked is not null && masked.Count == expected!.Count, "what comes out is as many rows");
        for (var row = 0; row < masked!.Count; row++)
        {
            var isHeader = options.HasHeader && row == 0;
            var shown = isHeader ? expected![row] : Mask(plan, expected![row]);
            for (var field = 0; field < shown.Length; field++)
                Promise.Holds(IsAs(shown[field], masked[row][field], options), $"field {field} of row {row} is as in a row of a SELECT");
        }
    }

    private static RowPlan PlanOf(CopyOptions options)
    {
        var format = (short)(options.Format == CopyFormat.Binary ? 1 : 0);
        return new RowPlan(
            [
                ColumnPlan.Keep, ColumnPlan.Masked(Core.Mask.Redact, 25, format), ColumnPlan.Masked(new Mask(MaskKind.Last4), 25, format),
                ColumnPlan.Masked(new Mask(MaskKind.Null), 25, format), ColumnPlan.Detected(25, format),
            ],
            Detectors.Email);
    }

    /// <summary>The data that comes out, or null when it is refused.</summary>
    private byte[]? Run(RowPlan plan, CopyOptions options, IEnumerable<byte[]> pieces)
    {
        var output = new ArrayBufferWriter<byte>();
        _masker.Begin(plan, options);
        var isTaken = true;
        foreach (var piece in pieces)
        {
            isTaken = isTaken && _masker.Feed(piece, output) == CopyOutcome.Taken;
            if (isTaken)
                _masker.EndMessage(output);
        }
        if (!_masker.End() || !isTaken)
            return null;
        var data = new List<byte>();
        for (var rest = output.WrittenSpan; !rest.IsEmpty; rest = rest[(BinaryPrimitives.ReadInt32BigEndian(rest[1..]) + 1)..])
        {
            Promise.Holds(rest[0] == 'd', "only CopyData is written");
            data.AddRange(rest[5..(BinaryPrimitives.ReadInt32BigEndian(rest[1..]) + 1)]);
        }
        return [.. data];
    }

    private byte[]?[] Mask(RowPlan plan, byte[]?[] fields)
    {
        var output = new ArrayBufferWriter<byte>();
        Promise.Holds(_rows.TryMask(plan, Bytes.Row(fields), output), "the fields are a row");
        var masked = new byte[]?[fields.Length];
        var at = 7;
        for (var i = 0; i < masked.Length; i++)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(output.WrittenSpan[at..]);
            masked[i] = length < 0 ? null : output.WrittenSpan.Slice(at + 4, length).ToArray();
            at += 4 + Math.Max(0, length);
        }
        return masked;
    }

    // In text a value that is written like NULL is NULL; the server cannot help it either.
    private static bool IsAs(byte[]? one, byte[]? other, CopyOptions options) =>
        one is null || other is null
            ? one is null == other is null ||
              (options.Format == CopyFormat.Text && one is not null && options.Null.AsSpan().SequenceEqual(one))
            : one.AsSpan().SequenceEqual(other);

    private static List<byte[]?[]>? Read(ReadOnlySpan<byte> data, CopyOptions options) =>
        options.Format == CopyFormat.Binary ? CopyReading.Binary(data, 5) : CopyReading.Lines(data, options, 5);
}
