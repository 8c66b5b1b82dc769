using System.Buffers;
using System.Buffers.Binary;
using Sallyport.Core;
using Sallyport.Masking;
using Sallyport.Postgres.Masking;

namespace Sallyport.Fuzz.Targets;

/// <summary>Rows come out as a reading field by field says, and what is no row of the plan's shape writes nothing.</summary>
internal sealed class RowMaskerTarget : IFuzzTarget
{
    private static readonly RowPlan Plan = new(
        [
            ColumnPlan.Keep, ColumnPlan.Masked(Mask.Redact, 25, 0), ColumnPlan.Masked(new Mask(MaskKind.Null), 25, 0),
            ColumnPlan.Masked(new Mask(MaskKind.Last4), 25, 0), ColumnPlan.Masked(new Mask(MaskKind.Hash), 23, 1),
            ColumnPlan.Detected(25, 0),
        ],
        Detectors.Email);

    private static readonly TextMasker Detecting = new(new byte[32]);

    private readonly RowMasker _masker = new(Detecting);
    private readonly ArrayBufferWriter<byte> _output = new();

    public string Name => "row";

    public IReadOnlyList<byte[]> Corpus { get; } =
    [
        Bytes.Row([.. "kept"u8], [.. "secret"u8], [.. "gone"u8], [.. "4111 1111 1111 1234"u8], [0, 1, 2, 3],
            [.. "to zoe@example.com, now"u8]),
        Bytes.Row(null, null, null, null, null, null), Bytes.Row([], [], [], [], [], []),
        Bytes.Row(new byte[5000], [.. "s"u8], null, Bytes.Utf8("ß-12-éé-456"), [1], new byte[5000]),
    ];

    public void Check(byte[] input, Random random)
    {
        _output.ResetWrittenCount();
        var taken = _masker.TryMask(Plan, input, _output);
        var before = Fields(input);
        Promise.Holds(taken == before?.Length is 6, "exactly rows of the plan's shape are taken");
        Promise.Holds(taken || _output.WrittenCount == 0, "what is refused writes nothing");
        if (!taken || before is null)
            return;
        var message = _output.WrittenSpan;
        Promise.Holds(message[0] == 'D' && BinaryPrimitives.ReadInt32BigEndian(message[1..]) == message.Length - 1, "the frame is right");
        var after = Fields(message[5..].ToArray());
        Promise.Holds(after?.Length is 6, "the masked row is a row");
        for (var i = 0; i < before.Length; i++)
            Promise.Holds(IsRight(i, before[i], after![i]), $"field {i} is as its mask says");
        // What detectors left must hold nothing that they find. What is behind an address that was found may look like one with the blot
        // in front.
        if (after![5] is not { } scrubbed)
            return;
        var left = scrubbed.Select(static letter => letter == '*' ? (byte)' ' : letter).ToArray();
        Promise.Holds(!Detecting.TryDetect(Detectors.Email, left, 0, out _), "what was scrubbed is clean");
    }

    private static bool IsRight(int column, byte[]? before, byte[]? after) => (column, before) switch
    {
        (_, null) => after is null,
        (0, _) => Same(before, after),
        (1, _) => Same([.. "[redacted]"u8], after),
        (2, _) => after is null,
        (3, _) => after is not null && (!before.All(letter => letter < 0x80) || Same(Last4(before), after)),
        (4, _) => before.Length != 4 || (after?.Length == 4 && after[0] < 0x80),
        _ => after?.Length == before.Length && Enumerable.Range(0, before.Length).All(i => after[i] == before[i] || after[i] == '*'),
    };

    internal static byte[] Last4(byte[] value)
    {
        var letters = value.Count(letter => char.IsAsciiLetterOrDigit((char)letter));
        var seen = 0;
        return [.. value.Select(letter => IsHidden(letter) ? (byte)'*' : letter)];

        bool IsHidden(byte letter) => char.IsAsciiLetterOrDigit((char)letter) && (seen++ < letters - 4 || letters <= 4);
    }

    internal static bool Same(byte[]? one, byte[]? other) =>
        one is null ? other is null : other is not null && one.AsSpan().SequenceEqual(other);

    internal static byte[]?[]? Fields(byte[] body)
    {
        if (body.Length < 2)
            return null;
        var fields = new byte[]?[BinaryPrimitives.ReadUInt16BigEndian(body)];
        long at = 2;
        for (var i = 0; i < fields.Length; i++, at += 4)
        {
            if (at + 4 > body.Length)
                return null;
            var length = BinaryPrimitives.ReadInt32BigEndian(body.AsSpan((int)at));
            if (length < -1 || at + 4 + length > body.Length)
                return null;
            if (length == -1)
                continue;
            fields[i] = body.AsSpan((int)at + 4, length).ToArray();
            at += length;
        }
        return at == body.Length ? fields : null;
    }
}
