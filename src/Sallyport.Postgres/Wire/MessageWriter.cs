using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Sallyport.Postgres.Wire;

/// <summary>
/// Writes whole messages to a buffer writer. Every length is computed before the first byte is written and checked against
/// the protocol's limit of 2^31-1, so nothing half-written can reach a peer.
/// </summary>
public static class MessageWriter
{
    /// <summary>A message of a type byte and a body.</summary>
    public static void Write(IBufferWriter<byte> output, byte type, ReadOnlySpan<byte> body)
    {
        var target = output.GetSpan(checked(MessageFrame.HeaderLength + body.Length));
        WriteHeader(target, type, body.Length);
        body.CopyTo(target[MessageFrame.HeaderLength..]);
        output.Advance(MessageFrame.HeaderLength + body.Length);
    }

    public static void WriteHeader(Span<byte> target, byte type, int bodyLength)
    {
        target[0] = type;
        BinaryPrimitives.WriteInt32BigEndian(target[1..], checked(bodyLength + 4));
    }

    /// <summary>Query: the text and its NUL.</summary>
    public static void WriteQuery(IBufferWriter<byte> output, ReadOnlySpan<byte> text)
    {
        var total = checked(MessageFrame.HeaderLength + text.Length + 1);
        var target = output.GetSpan(total);
        WriteHeader(target, ClientMessage.Query, text.Length + 1);
        text.CopyTo(target[MessageFrame.HeaderLength..]);
        target[total - 1] = 0;
        output.Advance(total);
    }

    /// <summary>Parse with the given parameter types (raw big-endian OIDs).</summary>
    public static void WriteParse(IBufferWriter<byte> output, ReadOnlySpan<byte> name, ReadOnlySpan<byte> text, ReadOnlySpan<byte> typeOids)
    {
        var length = checked(name.Length + 1 + text.Length + 1 + 2 + typeOids.Length);
        var target = output.GetSpan(checked(MessageFrame.HeaderLength + length));
        WriteHeader(target, ClientMessage.Parse, length);
        var at = MessageFrame.HeaderLength;
        at = CString(target, at, name);
        at = CString(target, at, text);
        BinaryPrimitives.WriteInt16BigEndian(target[at..], (short)(typeOids.Length / 4));
        typeOids.CopyTo(target[(at + 2)..]);
        output.Advance(MessageFrame.HeaderLength + length);
    }

    /// <summary>Bind of a portal to a statement; <paramref name="tail"/> is a Bind body from the parameter formats on.</summary>
    public static void WriteBind(IBufferWriter<byte> output, ReadOnlySpan<byte> portal, ReadOnlySpan<byte> statement,
        ReadOnlySpan<byte> tail)
    {
        var length = checked(portal.Length + 1 + statement.Length + 1 + tail.Length);
        var target = output.GetSpan(checked(MessageFrame.HeaderLength + length));
        WriteHeader(target, ClientMessage.Bind, length);
        var at = MessageFrame.HeaderLength;
        at = CString(target, at, portal);
        at = CString(target, at, statement);
        tail.CopyTo(target[at..]);
        output.Advance(MessageFrame.HeaderLength + length);
    }

    /// <summary>Describe or Close of a statement (<c>S</c>) or portal (<c>P</c>).</summary>
    public static void WriteTarget(IBufferWriter<byte> output, byte type, char kind, ReadOnlySpan<byte> name)
    {
        var length = name.Length + 2;
        var target = output.GetSpan(MessageFrame.HeaderLength + length);
        WriteHeader(target, type, length);
        target[MessageFrame.HeaderLength] = (byte)kind;
        CString(target, MessageFrame.HeaderLength + 1, name);
        output.Advance(MessageFrame.HeaderLength + length);
    }

    /// <summary>Execute of a portal.</summary>
    public static void WriteExecute(IBufferWriter<byte> output, ReadOnlySpan<byte> portal, int maxRows)
    {
        var length = portal.Length + 5;
        var target = output.GetSpan(MessageFrame.HeaderLength + length);
        WriteHeader(target, ClientMessage.Execute, length);
        var at = CString(target, MessageFrame.HeaderLength, portal);
        BinaryPrimitives.WriteInt32BigEndian(target[at..], maxRows);
        output.Advance(MessageFrame.HeaderLength + length);
    }

    public static void WriteParameterStatus(IBufferWriter<byte> output, string name, string value) =>
        Write(output, ServerMessage.ParameterStatus, Encoding.UTF8.GetBytes($"{name}\0{value}\0"));

    public static void WriteReadyForQuery(IBufferWriter<byte> output, byte status) => Write(output, ServerMessage.ReadyForQuery, [status]);

    /// <summary>BackendKeyData: Int32 process id and the key (4 bytes in protocol 3.0, 4 to 256 from 3.2 on).</summary>
    public static void WriteBackendKeyData(IBufferWriter<byte> output, int processId, ReadOnlySpan<byte> key)
    {
        Span<byte> body = stackalloc byte[4 + 256];
        BinaryPrimitives.WriteInt32BigEndian(body, processId);
        key.CopyTo(body[4..]);
        Write(output, ServerMessage.BackendKeyData, body[..(4 + key.Length)]);
    }

    /// <summary>Authentication: Int32 kind and its data.</summary>
    public static void WriteAuthentication(IBufferWriter<byte> output, int kind, ReadOnlySpan<byte> data)
    {
        var target = output.GetSpan(MessageFrame.HeaderLength + 4 + data.Length);
        WriteHeader(target, ServerMessage.Authentication, 4 + data.Length);
        BinaryPrimitives.WriteInt32BigEndian(target[MessageFrame.HeaderLength..], kind);
        data.CopyTo(target[(MessageFrame.HeaderLength + 4)..]);
        output.Advance(MessageFrame.HeaderLength + 4 + data.Length);
    }

    /// <summary>ErrorResponse (for ERROR, FATAL, PANIC) or NoticeResponse (for the others).</summary>
    public static void WriteDiagnostic(IBufferWriter<byte> output, Diagnostic diagnostic)
    {
        var body = new ArrayBufferWriter<byte>(256);
        Field(body, 'S', diagnostic.Severity);
        Field(body, 'V', diagnostic.Severity);
        Field(body, 'C', diagnostic.Code);
        Field(body, 'M', diagnostic.Message);
        Field(body, 'D', diagnostic.Detail);
        Field(body, 'H', diagnostic.Hint);
        body.Write("\0"u8);
        var isError = diagnostic.Severity is "ERROR" or "FATAL" or "PANIC";
        Write(output, isError ? ServerMessage.ErrorResponse : ServerMessage.NoticeResponse, body.WrittenSpan);
    }

    private static void Field(ArrayBufferWriter<byte> body, char code, string? value)
    {
        if (value is null)
            return;
        // A NUL would end the field early and let the rest of the text be read as other fields.
        var text = value.Contains('\0', StringComparison.Ordinal) ? value.Replace("\0", "\\0", StringComparison.Ordinal) : value;
        body.Write([(byte)code]);
        body.Write(Encoding.UTF8.GetBytes(text));
        body.Write("\0"u8);
    }

    private static int CString(Span<byte> target, int at, ReadOnlySpan<byte> value)
    {
        value.CopyTo(target[at..]);
        target[at + value.Length] = 0;
        return at + value.Length + 1;
    }
}
