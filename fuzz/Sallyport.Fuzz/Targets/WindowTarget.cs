using System.Buffers;
using Sallyport.Core;
using Sallyport.Masking;
using Sallyport.Postgres.Masking;

namespace Sallyport.Fuzz.Targets;

/// <summary>
/// One field that is longer than the window through which a streamed field is looked at: the first byte chooses its type. What is found in
/// the whole is found through the window, and comes out the same. The window is made small, so that short inputs fill it often.
/// </summary>
internal sealed class WindowTarget : IFuzzTarget
{
    private const Detectors Short = Detectors.Pan | Detectors.Ssn | Detectors.Iban | Detectors.AwsKey | Detectors.Email;

    private static readonly RowPlan[] Plans =
        [.. from type in (uint[])[25, 114, 1009, 1700] select new RowPlan([ColumnPlan.Detected(type, 0)], Short)];

    private static readonly Nearsighted Masker = new();

    private readonly StreamingRow _row = new(Masker);

    public string Name => "window";

    public IReadOnlyList<byte[]> Corpus { get; } =
    [
        [0, .. Repeated("4111-1111-1111-1111 é zoe@example.com 078-05-1120 ", 200)],
        [0, .. Repeated("x", 4090), .. "zoe@example.com"u8, .. Repeated(" ", 4000)],
        [1, .. Repeated("""{"a":"x\nzoe@example.com","b":4111111111111111},""", 150)],
        [1, .. "\""u8, .. Repeated("\\u0061\\\"", 700), .. "zoe@example.com\""u8],
        [2, .. Repeated("""{"q \"zoe@example.com\" \\x",4111111111111111,AKIAIOSFODNN7EXAMPLE},""", 100)],
        [3, .. Repeated("4111111111111111", 400)],
        [0, .. Repeated("GB82 WEST 1234 5698 7654 32,", 300)], [0, .. "zoe@example.com"u8],
    ];

    public IReadOnlyList<byte[]> Tokens { get; } =
    [
        [.. "zoe@example.com"u8], [.. "4111 1111 1111 1111"u8], [.. "078-05-1120"u8], [.. "GB82WEST12345698765432"u8],
        [.. "AKIAIOSFODNN7EXAMPLE"u8], [.. "\\u0061"u8], [.. "\\\\"u8], [.. "\\\""u8], [.. "\""u8], [.. "@"u8],
    ];

    public int LongestInput => 24 * 1024;

    public void Check(byte[] input, Random random)
    {
        if (input.Length == 0)
            return;
        var plan = Plans[input[0] % Plans.Length];
        var field = input[1..];
        var row = Bytes.Row(field);
        var output = new ArrayBufferWriter<byte>();
        _row.Begin(plan, row.Length, output);
        var outcome = StreamOutcome.More;
        foreach (var piece in Cuts.Pieces(row, random))
            outcome = _row.Feed(piece, output);
        _row.Release();
        Promise.Holds(outcome == StreamOutcome.Complete, "a row of the plan's shape completes");

        var column = plan.Columns[0];
        FieldScrubber.Scrub(Masker, Short, column.Type, column.Content, field);
        Promise.Holds(output.WrittenSpan[RowMasker.HeaderLength..].SequenceEqual(Bytes.Row(field)),
            "through the window it is the same as in the whole");
    }

    private static byte[] Repeated(string text, int times) => Bytes.Utf8(string.Concat(Enumerable.Repeat(text, times)));

    /// <summary>Says that nothing it finds is longer than the longest address.</summary>
    private sealed class Nearsighted : ITextMasker
    {
        private readonly TextMasker _masker = new(new byte[32]);

        public int LongestDetected => 512;

        public int Write(Mask mask, ReadOnlySpan<byte> value, Span<byte> destination) => _masker.Write(mask, value, destination);

        public void Hash(ReadOnlySpan<byte> value, Span<byte> hash) => _masker.Hash(value, hash);

        public bool TryDetect(Detectors detectors, ReadOnlySpan<byte> text, int start, out Range found) =>
            _masker.TryDetect(detectors, text, start, out found);
    }
}
