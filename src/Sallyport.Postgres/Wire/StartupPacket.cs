using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Sallyport.Postgres.Wire;

public enum StartupKind : byte
{
    Startup,
    SslRequest,
    GssEncryptionRequest,
    CancelRequest,
}

public enum StartupRead : byte
{
    /// <summary>More bytes are needed.</summary>
    Incomplete,
    Complete,

    /// <summary>Not PostgreSQL, or it lies about its length.</summary>
    Malformed,

    /// <summary>A protocol version that nobody here speaks.</summary>
    UnsupportedVersion,
}

/// <summary>
/// The first packet of a connection: Int32 length, Int32 code, then the parameters of a startup (name, value, ... NUL) or the
/// process id and key of a cancel. At most <see cref="MaxLength"/> bytes, as the server has it.
/// </summary>
public sealed record StartupPacket(StartupKind Kind)
{
    public const int MaxLength = 10_000;

    public int Version { get; private init; }

    public IReadOnlyDictionary<string, string> Parameters { get; private init; } = new Dictionary<string, string>();

    public int CancelProcessId { get; private init; }

    public ReadOnlyMemory<byte> CancelKey { get; private init; }

    public static StartupRead TryRead(in ReadOnlySequence<byte> buffer, out StartupPacket? packet, out long consumed)
    {
        packet = null;
        consumed = 0;
        if (buffer.Length < 4)
            return StartupRead.Incomplete;
        Span<byte> word = stackalloc byte[4];
        buffer.Slice(0, 4).CopyTo(word);
        var length = BinaryPrimitives.ReadInt32BigEndian(word);
        if (length is < 8 or > MaxLength)
            return StartupRead.Malformed;
        if (buffer.Length < length)
            return StartupRead.Incomplete;
        consumed = length;
        var bytes = buffer.Slice(4, length - 4).ToArray();
        var code = BinaryPrimitives.ReadInt32BigEndian(bytes);
        var body = bytes.AsMemory(4);
        return code switch
        {
            StartupCode.Ssl => Bare(StartupKind.SslRequest, body, out packet),
            StartupCode.GssEncryption => Bare(StartupKind.GssEncryptionRequest, body, out packet),
            StartupCode.Cancel => Cancel(body, out packet),
            _ when code >> 16 == 3 => Startup(code, body.Span, out packet),
            _ => StartupRead.UnsupportedVersion,
        };
    }

    private static StartupRead Bare(StartupKind kind, ReadOnlyMemory<byte> body, out StartupPacket? packet)
    {
        packet = body.IsEmpty ? new StartupPacket(kind) : null;
        return body.IsEmpty ? StartupRead.Complete : StartupRead.Malformed;
    }

    private static StartupRead Cancel(ReadOnlyMemory<byte> body, out StartupPacket? packet)
    {
        packet = null;
        if (body.Length is < 8 or > 4 + 256)
            return StartupRead.Malformed;
        packet = new StartupPacket(StartupKind.CancelRequest)
        {
            CancelProcessId = BinaryPrimitives.ReadInt32BigEndian(body.Span),
            CancelKey = body[4..],
        };
        return StartupRead.Complete;
    }

    private static StartupRead Startup(int version, ReadOnlySpan<byte> body, out StartupPacket? packet)
    {
        packet = null;
        var parameters = new Dictionary<string, string>(StringComparer.Ordinal);
        var reader = new BodyReader(body);
        while (reader.TryCString(out var name))
        {
            if (name.IsEmpty)
            {
                if (reader.Remaining != 0)
                    return StartupRead.Malformed;
                packet = new StartupPacket(StartupKind.Startup) { Version = version, Parameters = parameters };
                return StartupRead.Complete;
            }
            if (!reader.TryCString(out var value) || !TryText(name, out var key) || !TryText(value, out var text) ||
                !parameters.TryAdd(key, text))
                return StartupRead.Malformed;
        }
        return StartupRead.Malformed;
    }

    private static bool TryText(ReadOnlySpan<byte> bytes, out string text)
    {
        text = "";
        if (!System.Text.Unicode.Utf8.IsValid(bytes))
            return false;
        text = Encoding.UTF8.GetString(bytes);
        return true;
    }
}
