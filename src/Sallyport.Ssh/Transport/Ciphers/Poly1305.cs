using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Sallyport.Ssh.Transport.Ciphers;

/// <summary>Poly1305 (RFC 8439 §2.5) over limbs of 44, 44 and 42 bits.</summary>
internal static class Poly1305
{
    private const ulong Low44 = (1UL << 44) - 1;
    private const ulong Low42 = (1UL << 42) - 1;

    /// <param name="key">32 bytes, used once.</param>
    /// <param name="text">What is authenticated.</param>
    /// <param name="tag">16 bytes.</param>
    public static void Compute(ReadOnlySpan<byte> key, scoped ReadOnlySpan<byte> text, Span<byte> tag)
    {
        var t0 = BinaryPrimitives.ReadUInt64LittleEndian(key);
        var t1 = BinaryPrimitives.ReadUInt64LittleEndian(key[8..]);
        // The clamp of §2.5.1, spread over the limbs.
        var r0 = t0 & 0xffc0fffffff;
        var r1 = (t0 >> 44 | t1 << 20) & 0xfffffc0ffff;
        var r2 = t1 >> 24 & 0x00ffffffc0f;
        // 2^132 is 20 modulo the prime, and a limb's 44 bits thrice are 132.
        var s1 = r1 * 20;
        var s2 = r2 * 20;
        ulong h0 = 0, h1 = 0, h2 = 0;
        Span<byte> last = stackalloc byte[16];
        var marker = 1UL << 40;

        while (!text.IsEmpty)
        {
            if (text.Length < 16)
            {
                last.Clear();
                text.CopyTo(last);
                last[text.Length] = 1;
                text = last;
                marker = 0;
            }
            t0 = BinaryPrimitives.ReadUInt64LittleEndian(text);
            t1 = BinaryPrimitives.ReadUInt64LittleEndian(text[8..]);
            text = text[16..];
            h0 += t0 & Low44;
            h1 += (t0 >> 44 | t1 << 20) & Low44;
            h2 += (t1 >> 24) | marker;

            var high0 = Math.BigMul(h0, r0, out var low0);
            Add(h1, s2, ref high0, ref low0);
            Add(h2, s1, ref high0, ref low0);
            var high1 = Math.BigMul(h0, r1, out var low1);
            Add(h1, r0, ref high1, ref low1);
            Add(h2, s2, ref high1, ref low1);
            var high2 = Math.BigMul(h0, r2, out var low2);
            Add(h1, r1, ref high2, ref low2);
            Add(h2, r0, ref high2, ref low2);

            h0 = low0 & Low44;
            var carry = low0 >> 44 | high0 << 20;
            low1 += carry;
            high1 += low1 < carry ? 1UL : 0;
            h1 = low1 & Low44;
            carry = low1 >> 44 | high1 << 20;
            low2 += carry;
            high2 += low2 < carry ? 1UL : 0;
            h2 = low2 & Low42;
            h0 += (low2 >> 42 | high2 << 22) * 5;
            h1 += h0 >> 44;
            h0 &= Low44;
        }
        Finish(h0, h1, h2, key[16..], tag);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(ulong a, ulong b, ref ulong high, ref ulong low)
    {
        var upper = Math.BigMul(a, b, out var lower);
        low += lower;
        high += upper + (low < lower ? 1UL : 0);
    }

    private static void Finish(ulong h0, ulong h1, ulong h2, ReadOnlySpan<byte> pad, Span<byte> tag)
    {
        Carry(ref h0, ref h1, ref h2);
        Carry(ref h0, ref h1, ref h2);

        // h, or h - p when that is not negative; chosen without a branch.
        var g0 = h0 + 5;
        var g1 = h1 + (g0 >> 44);
        g0 &= Low44;
        var g2 = h2 + (g1 >> 44) - (1UL << 42);
        g1 &= Low44;
        var keep = 0 - (g2 >> 63);
        h0 = (h0 & keep) | (g0 & ~keep);
        h1 = (h1 & keep) | (g1 & ~keep);
        h2 = (h2 & keep) | (g2 & ~keep);

        var sum = new UInt128(h1 >> 20 | h2 << 24, h0 | h1 << 44)
            + new UInt128(BinaryPrimitives.ReadUInt64LittleEndian(pad[8..]), BinaryPrimitives.ReadUInt64LittleEndian(pad));
        BinaryPrimitives.WriteUInt128LittleEndian(tag, sum);
    }

    private static void Carry(ref ulong h0, ref ulong h1, ref ulong h2)
    {
        h2 += h1 >> 44;
        h1 &= Low44;
        h0 += (h2 >> 42) * 5;
        h2 &= Low42;
        h1 += h0 >> 44;
        h0 &= Low44;
    }
}
