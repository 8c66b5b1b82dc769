namespace Sallyport.Core;

/// <summary>
/// A session's id: a version 7 UUID (RFC 9562 §5.7), so ids sort by time; those of one millisecond sort as they were made. Printed as
/// 26 characters of Crockford base32: short enough to read aloud, no I, L, O or U.
/// </summary>
public readonly record struct SessionId(Guid Value) : IComparable<SessionId>
{
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    // RFC 9562 §6.2, method 1: a counter in rand_a, whose 12 bits stand before the random ones.
    private static readonly Lock Counting = new();
    private static long _millisecond;
    private static int _count;

    public static SessionId New(TimeProvider time)
    {
        DateTimeOffset now;
        int count;
        lock (Counting)
        {
            now = time.GetUtcNow();
            var millisecond = now.ToUnixTimeMilliseconds();
            count = _count = millisecond == _millisecond ? _count + 1 : 0;
            _millisecond = millisecond;
        }
        Span<byte> bytes = stackalloc byte[16];
        Guid.CreateVersion7(now).TryWriteBytes(bytes, bigEndian: true, out _);
        bytes[6] = (byte)(0x70 | ((count >> 8) & 0x0f));
        bytes[7] = (byte)count;
        return new SessionId(new Guid(bytes, bigEndian: true));
    }

    public int CompareTo(SessionId other)
    {
        Span<byte> mine = stackalloc byte[16], theirs = stackalloc byte[16];
        Value.TryWriteBytes(mine, bigEndian: true, out _);
        other.Value.TryWriteBytes(theirs, bigEndian: true, out _);
        return mine.SequenceCompareTo(theirs);
    }

    public static bool operator <(SessionId left, SessionId right) => left.CompareTo(right) < 0;

    public static bool operator >(SessionId left, SessionId right) => left.CompareTo(right) > 0;

    public static bool operator <=(SessionId left, SessionId right) => left.CompareTo(right) <= 0;

    public static bool operator >=(SessionId left, SessionId right) => left.CompareTo(right) >= 0;

    public override string ToString() => string.Create(26, Value, static (text, value) =>
    {
        Span<byte> bytes = stackalloc byte[16];
        value.TryWriteBytes(bytes, bigEndian: true, out _);
        var number = System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes);
        for (var i = text.Length - 1; i >= 0; i--)
        {
            text[i] = Alphabet[(int)(number & 31)];
            number >>= 5;
        }
    });

    public static bool TryParse(ReadOnlySpan<char> text, out SessionId id)
    {
        id = default;
        if (text.Length != 26 || Alphabet.IndexOf(char.ToUpperInvariant(text[0]), StringComparison.Ordinal) > 7)
            return false;
        UInt128 number = 0;
        foreach (var c in text)
        {
            var digit = Alphabet.IndexOf(char.ToUpperInvariant(c), StringComparison.Ordinal);
            if (digit < 0)
                return false;
            number = (number << 5) | (uint)digit;
        }
        Span<byte> bytes = stackalloc byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(bytes, number);
        id = new SessionId(new Guid(bytes, bigEndian: true));
        return true;
    }
}
