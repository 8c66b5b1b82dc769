using System.Buffers.Binary;

namespace Sallyport.Core;

/// <summary>
/// The payload of a <see cref="RecordKind.Command"/> record: what was asked, byte for byte, and what was decided.
/// Layout, little-endian: u64 command number in the session; u8 <see cref="DecisionKind"/>; u8 flags (<see cref="CommandFlags"/>);
/// u8 length and UTF-8 rule; u8 length and ASCII snapshot digest; u32 length and text; u16 parameter count, each: u32 type OID
/// (0 unknown), i16 format (0 text, 1 binary), i32 length (-1 null) and bytes.
/// </summary>
public readonly ref struct CommandRecord
{
    public const int MaxRule = 255;

    public required ulong Number { get; init; }

    public required DecisionKind Decision { get; init; }

    public CommandFlags Flags { get; init; }

    public required ReadOnlySpan<byte> Rule { get; init; }

    public required ReadOnlySpan<byte> Snapshot { get; init; }

    public required ReadOnlySpan<byte> Text { get; init; }

    /// <summary>The parameters' encoded bytes, count included; at least the two bytes of a zero count.</summary>
    public required ReadOnlySpan<byte> Parameters { get; init; }

    public int Size => 8 + 1 + 1 + 1 + Rule.Length + 1 + Snapshot.Length + 4 + Text.Length + Parameters.Length;

    /// <summary>Writes the layout into <paramref name="target"/>, which must have <see cref="Size"/> bytes.</summary>
    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(target, Number);
        target[8] = (byte)Decision;
        target[9] = (byte)Flags;
        var at = 10;
        target[at++] = (byte)Rule.Length;
        Rule.CopyTo(target[at..]);
        at += Rule.Length;
        target[at++] = (byte)Snapshot.Length;
        Snapshot.CopyTo(target[at..]);
        at += Snapshot.Length;
        BinaryPrimitives.WriteUInt32LittleEndian(target[at..], (uint)Text.Length);
        at += 4;
        Text.CopyTo(target[at..]);
        at += Text.Length;
        Parameters.CopyTo(target[at..]);
    }

    /// <summary>Reads the layout; false when the bytes are not one.</summary>
    public static bool TryRead(ReadOnlySpan<byte> payload, out CommandRecord record)
    {
        record = default;
        if (payload.Length < 10)
            return false;
        var rest = payload[10..];
        if (!TryTake(ref rest, 1, out var rule) || !TryTake(ref rest, 1, out var snapshot) || !TryTake(ref rest, 4, out var text) ||
            rest.Length < 2)
            return false;
        record = new CommandRecord
        {
            Number = BinaryPrimitives.ReadUInt64LittleEndian(payload),
            Decision = (DecisionKind)payload[8],
            Flags = (CommandFlags)payload[9],
            Rule = rule,
            Snapshot = snapshot,
            Text = text,
            Parameters = rest,
        };
        return true;
    }

    private static bool TryTake(scoped ref ReadOnlySpan<byte> rest, int prefix, out ReadOnlySpan<byte> part)
    {
        part = default;
        if (rest.Length < prefix)
            return false;
        var length = prefix == 1 ? rest[0] : BinaryPrimitives.ReadUInt32LittleEndian(rest);
        rest = rest[prefix..];
        if (length > (uint)rest.Length)
            return false;
        part = rest[..(int)length];
        rest = rest[(int)length..];
        return true;
    }
}

/// <summary>How a command came to be in the record.</summary>
[Flags]
public enum CommandFlags : byte
{
    None = 0,

    /// <summary>The text was written by an approver; the client's own stands in the command record before it.</summary>
    Modified = 1,

    /// <summary>It passed on an approval, a ticket or a grant.</summary>
    Approved = 2,

    /// <summary>Prepared earlier, run now with the parameters recorded here.</summary>
    Prepared = 4,

    /// <summary>Only prepared, not run.</summary>
    PrepareOnly = 8,
}
