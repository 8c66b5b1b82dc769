using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Sallyport.Masking.Streams;

/// <summary>
/// Finds where something of interest may begin, by its first three bytes, sixteen places at a time: a set of bytes for each of the three
/// places and each of eight kinds, looked up by half bytes (the Teddy algorithm of Hyperscan). Immutable.
/// </summary>
internal sealed class Prefilter
{
    /// <summary>Three digits: only at the beginning of a number.</summary>
    public const byte Number = 1;

    /// <summary>Two digits: only behind two letters.</summary>
    public const byte Account = 2;

    private const int Window = 3;

    private readonly byte[][] _sets = [new byte[256], new byte[256], new byte[256]];
    private readonly Vector128<byte>[] _low = new Vector128<byte>[Window];
    private readonly Vector128<byte>[] _high = new Vector128<byte>[Window];

    /// <param name="kinds">For each kind (a bit) which bytes may stand first, second and third.</param>
    public Prefilter(IEnumerable<(byte Kind, Func<byte, bool> First, Func<byte, bool> Second, Func<byte, bool> Third)> kinds)
    {
        foreach (var (kind, first, second, third) in kinds)
        {
            Func<byte, bool>[] tests = [first, second, third];
            for (var place = 0; place < Window; place++)
            {
                for (var value = 0; value < 256; value++)
                    _sets[place][value] |= tests[place]((byte)value) ? kind : (byte)0;
            }
        }
        for (var place = 0; place < Window; place++)
        {
            var (low, high) = (new byte[16], new byte[16]);
            for (var value = 0; value < 256; value++)
            {
                low[value & 15] |= _sets[place][value];
                high[value >> 4] |= _sets[place][value];
            }
            (_low[place], _high[place]) = (Vector128.Create(low), Vector128.Create(high));
        }
    }

    /// <summary>How many bytes surely begin nothing. The last two are never among them: what follows is not known.</summary>
    /// <param name="text">The text.</param>
    /// <param name="before">The visible bytes before it, the last lowest.</param>
    public int Skip(ReadOnlySpan<byte> text, ulong before)
    {
        var at = 0;
        if (Vector128.IsHardwareAccelerated)
        {
            ref var start = ref MemoryMarshal.GetReference(text);
            var (low0, low1, low2) = (_low[0], _low[1], _low[2]);
            var (high0, high1, high2) = (_high[0], _high[1], _high[2]);
            for (; at <= text.Length - Vector128<byte>.Count - Window + 1; at += Vector128<byte>.Count)
            {
                var kinds = Look(ref start, at, low0, high0) & Look(ref start, at + 1, low1, high1) & Look(ref start, at + 2, low2, high2);
                if (kinds == Vector128<byte>.Zero)
                    continue;
                var bits = ~Vector128.Equals(kinds, Vector128<byte>.Zero).ExtractMostSignificantBits() & 0xFFFF;
                for (; bits != 0; bits &= bits - 1)
                {
                    var candidate = at + BitOperations.TrailingZeroCount(bits);
                    if (IsCandidate(text, candidate, before))
                        return candidate;
                }
            }
        }
        for (; at < text.Length - Window + 1; at++)
        {
            if (IsCandidate(text, at, before))
                return at;
        }
        return at;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Look(ref byte start, int at, Vector128<byte> low, Vector128<byte> high)
    {
        var bytes = Vector128.LoadUnsafe(ref start, (nuint)at);
        return Vector128.ShuffleNative(low, bytes & Vector128.Create((byte)15)) & Vector128.ShuffleNative(high, bytes >>> 4);
    }

    private bool IsCandidate(ReadOnlySpan<byte> text, int at, ulong before)
    {
        var kinds = _sets[0][text[at]] & _sets[1][text[at + 1]] & _sets[2][text[at + 2]];
        if ((kinds & (Number | Account)) == 0)
            return kinds != 0;
        var last = at > 0 ? text[at - 1] : (byte)before;
        if (Detection.Ascii.IsDigit(last))
            kinds &= ~Number;
        var lastButOne = at > 1 ? text[at - 2] : (byte)(before >> (8 * (1 - at)));
        if (!Detection.Ascii.IsLetter(last) || !Detection.Ascii.IsLetter(lastButOne))
            kinds &= ~Account;
        return kinds != 0;
    }
}
