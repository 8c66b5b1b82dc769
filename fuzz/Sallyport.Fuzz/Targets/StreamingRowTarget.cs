using System.Buffers;
using Sallyport.Core;
using Sallyport.Masking;
using Sallyport.Postgres.Masking;

namespace Sallyport.Fuzz.Targets;

/// <summary>A row fed in pieces ends as the row fed whole, with the same bytes; and only what is a row of the plan completes.</summary>
internal sealed class StreamingRowTarget : IFuzzTarget
{
    private static readonly RowPlan Plan = new(
        [
            ColumnPlan.Keep, ColumnPlan.Masked(new Mask(MaskKind.Last4), 25, 0), ColumnPlan.Detected(25, 0), ColumnPlan.Detected(114, 0),
            ColumnPlan.Masked(Mask.Redact, 1114, 0), ColumnPlan.Detected(1009, 0), ColumnPlan.Detected(1700, 1),
            ColumnPlan.Detected(1009, 1),
        ],
        (Detectors)127);

    private static readonly TextMasker Masker = new(new byte[32]);

    private readonly StreamingRow _row = new(Masker);
    private readonly RowMasker _complete = new(Masker);

    public string Name => "stream";

    public IReadOnlyList<byte[]> Corpus { get; } =
    [
        Bytes.Row(
            [.. "kept"u8], Bytes.Utf8("sécret"), [.. "to zoe@example.com, 4111 1111 1111 1111 AKIAIOSFODNN7EXAMPLE"u8],
            [.. """{"a":"x\nzoe@example.com","b":4111111111111111}"""u8], [.. "2024-02-29 10:20:30.5"u8],
            [.. """{4111111111111111,"q \"zoe@example.com\" \\x",-----BEGIN PRIVATE KEY-----}"""u8],
            [0, 4, 0, 3, 0, 0, 0, 0, 16, 15, 4, 87, 4, 87, 4, 87],
            [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 25, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 15, .. "zoe@example.com"u8]),
        Bytes.Row(null, null, null, null, null, null, null, null),
        Bytes.Row([], null, [], [], null, [], [], []),
        Bytes.Row(null, null, Bytes.Utf8(string.Concat(Enumerable.Repeat("4111-1111-1111-1111 é zoe@example.com ", 900))),
            null, null, null, null, null),
    ];

    public void Check(byte[] input, Random random)
    {
        // Now and then the message's length lies.
        var said = random.Next(8) == 0 ? Math.Max(0, input.Length + random.Next(-3, 4)) : input.Length;
        var whole = Stream(said, [input], out var outcome);
        var cut = Stream(said, Cuts.Pieces(input, random), out var cutOutcome);
        Promise.Holds(outcome == cutOutcome, $"whole {outcome}, cut {cutOutcome}");
        if (outcome != StreamOutcome.Complete)
            return;
        Promise.Holds(whole.AsSpan().SequenceEqual(cut), "how the input is cut does not change the output");
        Promise.Holds(whole.Length == RowMasker.HeaderLength + input.Length, "the output is as long as the input");
        var complete = new ArrayBufferWriter<byte>();
        Promise.Holds(_complete.TryMask(Plan, input, complete), "what completes is a row of the plan's shape");
        var streamed = RowMaskerTarget.Fields(whole[RowMasker.HeaderLength..])!;
        var masked = RowMaskerTarget.Fields(complete.WrittenSpan[RowMasker.HeaderLength..].ToArray())!;
        for (var i = 0; i < streamed.Length; i++)
        {
            // No input is longer than the window.
            if (Plan.Columns[i].Mask is null)
                Promise.Holds(RowMaskerTarget.Same(streamed[i], masked[i]), $"field {i} is scrubbed as in a complete row");
        }
    }

    private byte[] Stream(int said, IEnumerable<byte[]> pieces, out StreamOutcome outcome)
    {
        var output = new ArrayBufferWriter<byte>();
        outcome = StreamOutcome.More;
        _row.Begin(Plan, said, output);
        foreach (var piece in pieces)
            outcome = _row.Feed(piece, output);
        _row.Release();
        return output.WrittenSpan.ToArray();
    }
}
