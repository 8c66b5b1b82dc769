using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Sallyport.Core;

/// <summary>
/// SHA-256 over what an approval binds to: who asks (and for whom), of what, the exact text and the parameters. Call
/// <see cref="Begin"/>, <see cref="AddText"/> once, the parameters in order, <see cref="Finish(Span{byte})"/>; then it may begin again.
/// Every part is framed as u8 tag, u64 little-endian length, bytes, so that no two different commands feed the same bytes.
/// Not thread-safe. Allocates nothing for lower-case logins of at most 85 characters.
/// </summary>
public sealed class CommandHash : IDisposable
{
    public const int Size = SHA256.HashSizeInBytes;

    private const int FrameSize = 9;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    private enum Part : byte
    {
        Principal = 1,
        OnBehalfOf = 2,
        Resource = 3,
        Text = 4,
        ParameterType = 5,
        ParameterValue = 6,
        ParameterNull = 7,
    }

    /// <summary>Logins are compared without case everywhere, so they are hashed in lower case.</summary>
    public void Begin(Principal principal, string resource)
    {
        Span<byte> discarded = stackalloc byte[Size];
        _hash.GetHashAndReset(discarded);
        AddString(Part.Principal, principal.Name.ToLowerInvariant());
        if (principal.OnBehalfOf is { } owner)
            AddString(Part.OnBehalfOf, owner.ToLowerInvariant());
        AddString(Part.Resource, resource);
    }

    /// <param name="text">The command's bytes as the client sent them.</param>
    public void AddText(ReadOnlySpan<byte> text) => Add(Part.Text, text);

    /// <param name="type">The type's OID, or 0 when unknown.</param>
    /// <param name="format">0 text, 1 binary.</param>
    /// <param name="value">The value's bytes as the client sent them.</param>
    public void AddParameter(uint type, short format, ReadOnlySpan<byte> value)
    {
        AddParameterType(type, format);
        Add(Part.ParameterValue, value);
    }

    /// <summary>SQL NULL, which is not the empty value.</summary>
    public void AddNullParameter(uint type, short format)
    {
        AddParameterType(type, format);
        Add(Part.ParameterNull, []);
    }

    /// <summary>Writes <see cref="Size"/> bytes.</summary>
    public void Finish(Span<byte> destination) => _hash.GetHashAndReset(destination);

    public ImmutableArray<byte> Finish()
    {
        var bytes = new byte[Size];
        Finish(bytes);
        return ImmutableCollectionsMarshal.AsImmutableArray(bytes);
    }

    public void Dispose() => _hash.Dispose();

    private void AddParameterType(uint type, short format)
    {
        Span<byte> bytes = stackalloc byte[6];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, type);
        BinaryPrimitives.WriteInt16LittleEndian(bytes[4..], format);
        Add(Part.ParameterType, bytes);
    }

    private void AddString(Part part, string value)
    {
        const int onStack = 256;
        var size = Encoding.UTF8.GetMaxByteCount(value.Length);
        var bytes = size <= onStack ? stackalloc byte[onStack] : new byte[size];
        Add(part, bytes[..Encoding.UTF8.GetBytes(value, bytes)]);
    }

    private void Add(Part part, ReadOnlySpan<byte> bytes)
    {
        Span<byte> frame = stackalloc byte[FrameSize];
        frame[0] = (byte)part;
        BinaryPrimitives.WriteUInt64LittleEndian(frame[1..], (ulong)bytes.Length);
        _hash.AppendData(frame);
        _hash.AppendData(bytes);
    }
}
