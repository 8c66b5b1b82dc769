using Sallyport.Core;
using Sallyport.Postgres.Replay;

namespace Sallyport.Fuzz.Targets;

/// <summary>A recorded answer reads without an exception, and the same however the recording cut it.</summary>
internal sealed class AnswerReaderTarget : IFuzzTarget
{
    private const int MaxRows = 3;

    public string Name => "answer";

    public IReadOnlyList<byte[]> Corpus { get; } =
    [
        [
            .. Columns(23, 1700, 1082, 1184, 3802, 2950),
            .. Row([0, 0, 0, 7], [0, 1, 0, 0, 0, 0, 0, 1, 0, 5], new byte[4], new byte[8], [1, 123, 125], new byte[16]),
            .. Row(null, [0, 0, 0, 0, 0xC0, 0, 0, 0], [127, 255, 255, 255], [128, 0, 0, 0, 0, 0, 0, 0], [2], [1]),
            .. Bytes.Message('C', [.. "SELECT 2\0"u8]),
        ],
        [.. Columns(25), .. Row([.. "ann"u8]), .. Row([255]), .. Row([]), .. Row((byte[]?)null), .. Bytes.Message('s')],
        [.. Bytes.Message('N', [.. "SNOTICE\0C00000\0Mhello\0\0"u8]), .. Bytes.Message('E', [.. "SERROR\0C42501\0Mno\0Dwhy\0Hask\0\0"u8])],
        [.. Bytes.Message('d', 1, 2, 3), .. Bytes.Message('C', [.. "COPY 1\0"u8]), .. Bytes.Message('I'), .. Bytes.Message('Z', 73)],
    ];

    public void Check(byte[] input, Random random)
    {
        var whole = Read([input]);
        var cut = Read(Cuts.Pieces(input, random));
        Promise.Holds(whole.Select(Line).SequenceEqual(cut.Select(Line)), "how the recording is cut does not change what is read");
        foreach (var result in whole.OfType<ResultItem>())
            Promise.Holds(result.Rows.Length <= MaxRows && result.Rows.Length <= result.RowCount, "no more rows are kept than asked for");
    }

    private static List<TranscriptItem> Read(IEnumerable<byte[]> pieces)
    {
        var items = new List<TranscriptItem>();
        var reader = new AnswerReader(MaxRows);
        foreach (var piece in pieces)
            reader.Add(DateTimeOffset.UnixEpoch, piece, items);
        return items;
    }

    private static string Line(TranscriptItem item) => item is ResultItem result
        ? $"{string.Join('|', result.Columns ?? [])};{string.Join(';', result.Rows.Select(static row => string.Join('|', row)))};"
            + $"{result.RowCount};{result.Tag}"
        : item.ToString();

    private static byte[] Columns(params int[] types) => Bytes.Message(
        'T', [.. Bytes.Int16(types.Length), .. types.SelectMany(Column)]);

    private static byte[] Column(int type) =>
        [99, 0, .. new byte[6], .. Bytes.Int32(type), .. new byte[6], 0, type == 25 ? (byte)0 : (byte)1];

    private static byte[] Row(params byte[]?[] fields) => Bytes.Message('D', Bytes.Row(fields));
}
