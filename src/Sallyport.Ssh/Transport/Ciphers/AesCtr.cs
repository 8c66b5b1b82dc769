using System.Buffers.Binary;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;

namespace Sallyport.Ssh.Transport.Ciphers;

/// <summary>
/// AES in counter mode (RFC 4344 §4), which .NET does not have: the counters' encryptions are made ahead, many at once, and serve small
/// packets too.
/// </summary>
internal sealed class AesCtr : IDisposable
{
    private const int BlockLength = 16;
    private const int Ahead = 4096;

    private readonly Aes _aes;
    private readonly ICryptoTransform _blocks;
    private readonly byte[] _counters = new byte[Ahead];
    private readonly byte[] _stream = new byte[Ahead];
    private UInt128 _counter;
    private int _used = Ahead;

    /// <param name="key">16 or 32 bytes.</param>
    /// <param name="iv">The first counter.</param>
    public AesCtr(ReadOnlySpan<byte> key, ReadOnlySpan<byte> iv)
    {
        _aes = Aes.Create();
        _aes.Mode = CipherMode.ECB;
        _aes.Padding = PaddingMode.None;
        _aes.SetKey(key);
        _blocks = _aes.CreateEncryptor();
        _counter = BinaryPrimitives.ReadUInt128BigEndian(iv);
    }

    /// <summary>Encrypts or decrypts in place and goes on where the last call ended.</summary>
    public void Xor(Span<byte> text)
    {
        while (!text.IsEmpty)
        {
            if (_used == Ahead)
                MakeAhead();
            var count = Math.Min(text.Length, Ahead - _used);
            XorWith(text[..count], _stream.AsSpan(_used, count));
            _used += count;
            text = text[count..];
        }
    }

    public void Dispose()
    {
        _blocks.Dispose();
        _aes.Dispose();
        CryptographicOperations.ZeroMemory(_stream);
    }

    private void MakeAhead()
    {
        for (var i = 0; i < Ahead; i += BlockLength)
            BinaryPrimitives.WriteUInt128BigEndian(_counters.AsSpan(i), _counter++);
        _blocks.TransformBlock(_counters, 0, Ahead, _stream, 0);
        _used = 0;
    }

    private static void XorWith(Span<byte> text, ReadOnlySpan<byte> stream)
    {
        ref var to = ref System.Runtime.InteropServices.MemoryMarshal.GetReference(text);
        ref var from = ref System.Runtime.InteropServices.MemoryMarshal.GetReference(stream);
        var i = 0;
        for (; i <= text.Length - Vector256<byte>.Count; i += Vector256<byte>.Count)
            (Vector256.LoadUnsafe(ref to, (nuint)i) ^ Vector256.LoadUnsafe(ref from, (nuint)i)).StoreUnsafe(ref to, (nuint)i);
        for (; i < text.Length; i++)
            text[i] ^= stream[i];
    }
}
