using System.Buffers;
using System.Buffers.Binary;

namespace Sallyport.Postgres.Masking;

/// <summary>A growing pooled buffer in which a row is put together before any of it is sent. Not thread-safe.</summary>
internal sealed class RowBuffer : IBufferWriter<byte>
{
    private const int FirstSize = 4096;

    private byte[] _bytes = [];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public void Clear() => Length = 0;

    public void Advance(int count) => Length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(1, sizeHint));
        return _bytes.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(Math.Max(1, sizeHint));
        return _bytes.AsSpan(Length);
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(Length));
        Length += bytes.Length;
    }

    /// <summary>The last <paramref name="count"/> bytes, to be changed in place.</summary>
    public Span<byte> Last(int count) => _bytes.AsSpan(Length - count, count);

    /// <summary>Forgets all but the first <paramref name="length"/> bytes.</summary>
    public void Truncate(int length) => Length = length;

    /// <summary>Takes bytes out; those behind move up.</summary>
    public void Remove(int offset, int count)
    {
        _bytes.AsSpan(offset + count, Length - offset - count).CopyTo(_bytes.AsSpan(offset));
        Length -= count;
    }

    public void SetInt32(int offset, int value) => BinaryPrimitives.WriteInt32BigEndian(_bytes.AsSpan(offset, sizeof(int)), value);

    /// <summary>Gives the memory back, cleared: it held what was masked and what was not.</summary>
    public void Release()
    {
        Length = 0;
        if (_bytes.Length > 0) ArrayPool<byte>.Shared.Return(_bytes, clearArray: true);
        _bytes = [];
    }

    private void Reserve(int count)
    {
        if (_bytes.Length - Length >= count) return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(FirstSize, Math.Max(Length + count, _bytes.Length * 2)));
        Written.CopyTo(larger);
        var length = Length;
        Release();
        _bytes = larger;
        Length = length;
    }
}
