using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Sallyport.Ssh.Transport.Ciphers;

/// <summary>
/// D. J. Bernstein's ChaCha20 with a 64-bit counter and a 64-bit nonce. Each vector holds one row of the state of two blocks; four
/// blocks are made at once.
/// </summary>
internal static class ChaCha20
{
    private const int BlockLength = 64;
    private const int Stride = 4 * BlockLength;

    /// <summary>Encrypts or decrypts in place.</summary>
    /// <param name="key">32 bytes.</param>
    /// <param name="nonce">Put into the state as a big-endian number, as OpenSSH does with the sequence number.</param>
    /// <param name="counter">The first block's.</param>
    /// <param name="text">Any length.</param>
    public static void Xor(ReadOnlySpan<byte> key, ulong nonce, ulong counter, Span<byte> text)
    {
        var words = MemoryMarshal.Cast<byte, uint>(key[..32]);
        var constants = Both(Vector128.Create(0x61707865u, 0x3320646e, 0x79622d32, 0x6b206574));
        var first = Both(Vector128.Create(words[0], words[1], words[2], words[3]));
        var second = Both(Vector128.Create(words[4], words[5], words[6], words[7]));
        var swapped = System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(nonce);

        while (text.Length >= Stride)
        {
            MakeBlocks(constants, first, second, counter, swapped, ref MemoryMarshal.GetReference(text));
            text = text[Stride..];
            counter += 4;
        }
        if (text.IsEmpty)
            return;
        Span<byte> rest = stackalloc byte[Stride];
        text.CopyTo(rest);
        MakeBlocks(constants, first, second, counter, swapped, ref MemoryMarshal.GetReference(rest));
        rest[..text.Length].CopyTo(text);
    }

    private static void MakeBlocks(Vector256<uint> a0, Vector256<uint> b0, Vector256<uint> c0, ulong counter, ulong nonce, ref byte text)
    {
        var d0 = Counters(counter, nonce);
        var h0 = Counters(counter + 2, nonce);
        Vector256<uint> a = a0, b = b0, c = c0, d = d0, e = a0, f = b0, g = c0, h = h0;
        // Columns, then diagonals, of two blocks each; the two pairs keep the processor busy while the other waits.
        for (var i = 0; i < 20; i++)
        {
            a += b;
            e += f;
            d = Rotate(d ^ a, 16);
            h = Rotate(h ^ e, 16);
            c += d;
            g += h;
            b = Rotate(b ^ c, 12);
            f = Rotate(f ^ g, 12);
            a += b;
            e += f;
            d = Rotate(d ^ a, 8);
            h = Rotate(h ^ e, 8);
            c += d;
            g += h;
            b = Rotate(b ^ c, 7);
            f = Rotate(f ^ g, 7);
            c = Across(c);
            g = Across(g);
            // From columns to diagonals the rows turn one way, back the other.
            if ((i & 1) == 0)
            {
                b = Left(b);
                f = Left(f);
                d = Right(d);
                h = Right(h);
            }
            else
            {
                b = Right(b);
                f = Right(f);
                d = Left(d);
                h = Left(h);
            }
        }
        XorTwo(a + a0, b + b0, c + c0, d + d0, ref text);
        XorTwo(e + a0, f + b0, g + c0, h + h0, ref Unsafe.Add(ref text, 2 * BlockLength));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Left(Vector256<uint> row) => Vector256.Shuffle(row, Vector256.Create(1u, 2, 3, 0, 5, 6, 7, 4));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Across(Vector256<uint> row) => Vector256.Shuffle(row, Vector256.Create(2u, 3, 0, 1, 6, 7, 4, 5));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Right(Vector256<uint> row) => Vector256.Shuffle(row, Vector256.Create(3u, 0, 1, 2, 7, 4, 5, 6));

    private static Vector256<uint> Both(Vector128<uint> row) => Vector256.Create(row, row);

    private static Vector256<uint> Counters(ulong counter, ulong nonce) =>
        Vector256.Create(counter, nonce, counter + 1, nonce).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Rotate(Vector256<uint> row, int count) => (row << count) | (row >>> (32 - count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void XorTwo(Vector256<uint> a, Vector256<uint> b, Vector256<uint> c, Vector256<uint> d, ref byte text)
    {
        XorHalf(Vector256.Create(a.GetLower(), b.GetLower()), ref text);
        XorHalf(Vector256.Create(c.GetLower(), d.GetLower()), ref Unsafe.Add(ref text, 32));
        XorHalf(Vector256.Create(a.GetUpper(), b.GetUpper()), ref Unsafe.Add(ref text, 64));
        XorHalf(Vector256.Create(c.GetUpper(), d.GetUpper()), ref Unsafe.Add(ref text, 96));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void XorHalf(Vector256<uint> stream, ref byte text) =>
        (Vector256.LoadUnsafe(ref text) ^ stream.AsByte()).StoreUnsafe(ref text);
}
