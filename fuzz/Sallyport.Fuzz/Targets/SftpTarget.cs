using System.Buffers.Binary;
using Sallyport.Ssh.Sftp;
using Sallyport.Ssh.Wire;

namespace Sallyport.Fuzz.Targets;

/// <summary>
/// SFTP in both directions: pieces of a direction, a length and bytes. Cut anywhere the same is asked and forwarded, and the
/// client gets the same answers.
/// </summary>
internal sealed class SftpTarget : IFuzzTarget
{
    public string Name => "sftp";

    public IReadOnlyList<byte[]> Corpus { get; } =
    [
        [
            .. Piece(0, Packet(SftpType.Init, static w => w.UInt32(3))),
            .. Piece(1, Packet(SftpType.Version, static w => w.UInt32(3).String("copy-data").String("1"))),
            .. Piece(0, Packet(SftpType.Open, static w => w.UInt32(1).String("/a").UInt32(3).UInt32(0))),
            .. Piece(0, Packet(SftpType.Remove, static w => w.UInt32(2).String("/x"))),
            .. Piece(1, Packet(SftpType.Handle, static w => w.UInt32(1).String("h"))),
            .. Piece(0, Packet(SftpType.Write, static w => w.UInt32(3).String("h").UInt64(0).String("data"))),
            .. Piece(0, Packet(SftpType.Read, static w => w.UInt32(4).String("h").UInt64(0).UInt32(4))),
            .. Piece(1, Packet(SftpType.Status, static w => w.UInt32(3).UInt32(0).String("").String(""))),
            .. Piece(1, Packet(SftpType.Data, static w => w.UInt32(4).String("data"))),
            .. Piece(0, Packet(SftpType.Extended, static w => w.UInt32(5).String("posix-rename@openssh.com").String("/a").String("/b"))),
            .. Piece(0, Packet(SftpType.Close, static w => w.UInt32(6).String("h"))),
            .. Piece(1, Packet(SftpType.Status, static w => w.UInt32(6).UInt32(0).String("").String(""))),
        ],
    ];

    public void Check(byte[] input, Random random)
    {
        var whole = Run(input, static piece => [piece]);
        var cut = Run(input, piece => Cuts.Pieces(piece, random));
        // What breaks the protocol takes what stands before it in a piece with it.
        Promise.Holds(whole.IsBroken == cut.IsBroken, $"cut anywhere it is as broken ({whole.Fault ?? cut.Fault})");
        if (whole.IsBroken)
            return;
        Promise.Holds(whole.ToTarget.SequenceEqual(cut.ToTarget) && whole.Asked.SequenceEqual(cut.Asked), "cut anywhere the same is forwarded");
        Promise.Holds(Packets(whole.ToClient).SequenceEqual(Packets(cut.ToClient)), "cut anywhere the client gets the same packets");
    }

    private static Outcome Run(byte[] input, Func<byte[], IEnumerable<byte[]>> cut)
    {
        using var inspector = new SftpInspector();
        var outcome = new Outcome();
        for (var at = 0; at + 3 <= input.Length && !outcome.IsBroken;)
        {
            var length = Math.Min(BinaryPrimitives.ReadUInt16BigEndian(input.AsSpan(at + 1)), input.Length - at - 3);
            foreach (var piece in cut(input.AsSpan(at + 3, length).ToArray()))
            {
                if (!outcome.IsBroken)
                    Feed(inspector, (input[at] & 1) == 0, piece, outcome);
            }
            at += 3 + length;
        }
        inspector.End();
        return outcome;
    }

    private static void Feed(SftpInspector inspector, bool isRequest, ReadOnlySpan<byte> input, Outcome outcome)
    {
        while (true)
        {
            var step = isRequest
                ? inspector.NextRequest(input, out var consumed, out var forward)
                : inspector.NextAnswer(input, out consumed, out forward);
            (isRequest ? outcome.ToTarget : outcome.ToClient).AddRange(forward);
            input = input[consumed..];
            if (step == SftpStep.Decide)
            {
                outcome.Asked.Add(inspector.Pending!.Text);
                if (inspector.Pending.Text.Contains('x', StringComparison.Ordinal))
                    inspector.Refuse("no");
                else
                    inspector.Permit();
                continue;
            }
            if (step == SftpStep.Broken)
                outcome.Fault = inspector.Fault;
            if (step == SftpStep.Forward)
                continue;
            Promise.Holds(step == SftpStep.Broken || input.IsEmpty, "all of the input is taken");
            return;
        }
    }

    private static List<string> Packets(List<byte> stream)
    {
        var packets = new List<string>();
        for (ReadOnlySpan<byte> rest = stream.ToArray(); !rest.IsEmpty;)
        {
            var length = rest.Length < 4 ? rest.Length : (int)Math.Min(rest.Length, 4L + BinaryPrimitives.ReadUInt32BigEndian(rest));
            packets.Add(Convert.ToHexString(rest[..length]));
            rest = rest[length..];
        }
        // Where a refusal comes between them depends on the cut.
        packets.Sort(StringComparer.Ordinal);
        return packets;
    }

    private static byte[] Piece(byte direction, byte[] bytes) => [direction, (byte)(bytes.Length >> 8), (byte)bytes.Length, .. bytes];

    private static byte[] Packet(SftpType type, Func<SshWriter, SshWriter> body)
    {
        var written = body(new SshWriter().Byte((byte)type)).Written.ToArray();
        return [.. Bytes.Int32(written.Length), .. written];
    }

    private sealed class Outcome
    {
        public List<byte> ToTarget { get; } = [];

        public List<byte> ToClient { get; } = [];

        public List<string> Asked { get; } = [];

        public bool IsBroken => Fault is not null;

        public string? Fault { get; set; }
    }
}
