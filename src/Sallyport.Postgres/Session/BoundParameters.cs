using System.Buffers.Binary;
using System.Collections.Immutable;
using Sallyport.Core;
using Sallyport.Postgres.Replay;
using Sallyport.Postgres.Wire;

namespace Sallyport.Postgres.Session;

/// <summary>A Bind's parameters as they are recorded, hashed, and shown to an approver.</summary>
internal static class BoundParameters
{
    private const int KeptBuffer = 1024 * 1024;

    [ThreadStatic]
    private static byte[]? _buffer;

    /// <summary>As an approver reads them.</summary>
    public static ImmutableArray<HoldParameter> Shown(Portal? portal)
    {
        if (portal is null || !TryRead(portal.Tail, out var formats, out var count, out var values))
            return [];
        var parameters = ImmutableArray.CreateBuilder<HoldParameter>(count);
        var reader = new BodyReader(values);
        for (var i = 0; i < count; i++)
        {
            reader.TryInt32(out var length);
            reader.TryBytes(Math.Max(0, length), out var value);
            var type = portal.Statement?.TypeOf(i) ?? 0;
            var text = length < 0 ? null : BinaryValue.ToText(type, BindView.FormatAt(formats, i) == 1, value);
            parameters.Add(new HoldParameter(TypeNames.Of(type), text));
        }
        return parameters.MoveToImmutable();
    }

    /// <summary>As <see cref="CommandRecord.Parameters"/> has them, in a buffer of the thread's that the next call takes again.</summary>
    public static ReadOnlySpan<byte> Recorded(Portal? portal)
    {
        if (portal is null || !TryRead(portal.Tail, out var formats, out var count, out var values))
            return CommandJournal.NoParameters;
        // A record's parameter has 10 bytes where Bind has 4, so three times the Bind is always enough.
        var most = 2 + (portal.Tail.Length * 3);
        var buffer = _buffer;
        if (buffer is null || buffer.Length < most || (buffer.Length > KeptBuffer && most <= KeptBuffer))
            _buffer = buffer = new byte[Math.Max(1024, most)];
        var target = buffer.AsSpan();
        BinaryPrimitives.WriteUInt16LittleEndian(target, (ushort)count);
        var at = 2;
        var reader = new BodyReader(values);
        for (var i = 0; i < count; i++)
        {
            reader.TryInt32(out var length);
            reader.TryBytes(Math.Max(0, length), out var value);
            BinaryPrimitives.WriteUInt32LittleEndian(target[at..], portal.Statement?.TypeOf(i) ?? 0);
            BinaryPrimitives.WriteInt16LittleEndian(target[(at + 4)..], BindView.FormatAt(formats, i));
            BinaryPrimitives.WriteInt32LittleEndian(target[(at + 6)..], length);
            value.CopyTo(target[(at + 10)..]);
            at += 10 + value.Length;
        }
        return target[..at];
    }

    /// <summary>Adds them to what an approval binds to.</summary>
    public static void AddTo(CommandHash hash, Portal portal)
    {
        if (!TryRead(portal.Tail, out var formats, out var count, out var values))
            return;
        var reader = new BodyReader(values);
        for (var i = 0; i < count; i++)
        {
            reader.TryInt32(out var length);
            var type = portal.Statement!.TypeOf(i);
            var format = BindView.FormatAt(formats, i);
            if (length < 0)
                hash.AddNullParameter(type, format);
            else if (reader.TryBytes(length, out var value))
                hash.AddParameter(type, format, value);
        }
    }

    /// <summary>Takes apart a Bind body from the parameter formats on, which was checked when it came.</summary>
    public static bool TryRead(ReadOnlySpan<byte> tail, out ReadOnlySpan<byte> formats, out int count, out ReadOnlySpan<byte> values)
    {
        formats = default;
        values = default;
        count = 0;
        var reader = new BodyReader(tail);
        if (!reader.TryCount(out var formatCount) || !reader.TryBytes(formatCount * 2, out formats) || !reader.TryCount(out count))
            return false;
        values = reader.Rest;
        return true;
    }
}
