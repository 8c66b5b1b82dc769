using System.Buffers;
using System.Buffers.Binary;
using Sallyport.Postgres.Startup;
using Sallyport.Postgres.Wire;

namespace Sallyport.Fuzz.Targets;

/// <summary>A packet reads the same however it is cut, and what was read says every byte that was there.</summary>
internal sealed class StartupPacketTarget : IFuzzTarget
{
    private static readonly string[] Passing =
    [
        "DateStyle", "IntervalStyle", "TimeZone", "extra_float_digits", "bytea_output", "geqo", "jit", "statement_timeout", "lock_timeout",
        "idle_in_transaction_session_timeout", "idle_session_timeout", "transaction_timeout",
    ];

    public string Name => "startup";

    public IReadOnlyList<byte[]> Corpus { get; } =
    [
        Packet(StartupCode.Protocol30, Bytes.Utf8("user\0bot-7\0database\0shop\0options\0-c x=é\0\0")),
        Packet(StartupCode.Protocol30, Bytes.Utf8("user\0a\0\0")),
        Packet(StartupCode.Protocol32, Bytes.Utf8("user\0a\0client_encoding\0UTF-8\0TimeZone\0UTC\0_pq_.x\0y\0replication\0off\0\0")),
        Packet(StartupCode.Ssl, []), Packet(StartupCode.GssEncryption, []),
        Packet(StartupCode.Cancel, [0, 0, 0, 7, 1, 2, 3, 4]), Packet(StartupCode.Cancel, new byte[260]), Packet(2 << 16, [0]),
    ];

    public IReadOnlyList<byte[]> Tokens { get; } =
    [
        .. from word in ("user database options replication client_encoding application_name DateStyle TimeZone datestyle _pq_.x "
            + "search_path UTF8 utf-8 LATIN1 true off 1").Split(' ')
        select Bytes.Utf8(word + '\0'),
    ];

    public int LongestInput => StartupPacket.MaxLength + 500;

    public void Check(byte[] input, Random random)
    {
        var read = StartupPacket.TryRead(new ReadOnlySequence<byte>(input), out var packet, out var consumed);
        var again = StartupPacket.TryRead(Cuts.Sequence(input, random), out var cut, out var cutConsumed);
        Promise.Holds(read == again && consumed == cutConsumed, "a cut packet reads the same");
        Promise.Holds((read == StartupRead.Complete) == packet is not null, "a packet comes exactly with Complete");
        Promise.Holds(consumed <= input.Length && consumed <= StartupPacket.MaxLength, "no byte is taken that is not there");
        if (packet is null || cut is null)
            return;
        var whole = input[..(int)consumed];
        Promise.Holds(Written(packet, whole).AsSpan().SequenceEqual(whole), "the packet says every byte");
        Promise.Holds(Written(cut, whole).AsSpan().SequenceEqual(whole), "the cut packet says every byte");
        if (packet.Kind == StartupKind.Startup)
            CheckParameters(packet.Parameters, StartupParameters.Read(packet));
    }

    private static void CheckParameters(
        IReadOnlyDictionary<string, string> given, (List<KeyValuePair<string, string>> Passed, Diagnostic? Refusal) read)
    {
        if (read.Refusal is not null)
            return;
        Promise.Holds(read.Passed.All(p => given[p.Key] == p.Value && Passing.Contains(p.Key, StringComparer.OrdinalIgnoreCase)),
            "only what is harmless passes");
        foreach (var (name, value) in given)
        {
            var isPassing = name.StartsWith("_pq_.", StringComparison.Ordinal) || Passing.Contains(name, StringComparer.OrdinalIgnoreCase);
            var isTaken = isPassing || name switch
            {
                "user" or "database" or "application_name" => true,
                "client_encoding" => string.Concat(value.Where(char.IsAsciiLetterOrDigit)).ToUpperInvariant() is "UTF8" or "UNICODE",
                "replication" => value is "false" or "off" or "no" or "0",
                "options" => value.Length == 0,
                _ => false,
            };
            Promise.Holds(isTaken, $"{name} is not taken in silence");
        }
    }

    private static byte[] Written(StartupPacket packet, byte[] whole) => packet.Kind switch
    {
        StartupKind.Startup =>
            Packet(packet.Version, Bytes.Utf8(string.Concat(packet.Parameters.Select(p => $"{p.Key}\0{p.Value}\0")) + "\0")),
        StartupKind.CancelRequest => Packet(StartupCode.Cancel, [.. Bytes.Int32(packet.CancelProcessId), .. packet.CancelKey.Span]),
        _ => Packet(BinaryPrimitives.ReadInt32BigEndian(whole.AsSpan(4)), []),
    };

    private static byte[] Packet(int code, byte[] body) => [.. Bytes.Int32(8 + body.Length), .. Bytes.Int32(code), .. body];
}
