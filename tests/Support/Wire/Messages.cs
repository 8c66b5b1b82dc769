using System.Buffers.Binary;
using System.Text;

namespace Sallyport.Testing.Wire;

/// <summary>Writes PostgreSQL messages byte by byte, right or wrong, without the product's own code, which is under test.</summary>
public static class Messages
{
    public const int ProtocolThreeZero = 0x0003_0000;
    public const int ProtocolThreeTwo = 0x0003_0002;
    public const int SslRequest = 80877103;
    public const int GssRequest = 80877104;
    public const int CancelRequest = 80877102;

    /// <summary>Type, length, body.</summary>
    public static byte[] Message(char type, params byte[][] parts) => WithLength(type, Join(parts).Length + 4, Join(parts));

    /// <summary>A message whose length field says what it is told to.</summary>
    public static byte[] WithLength(char type, int length, byte[] body) => Join([(byte)type], Int32(length), body);

    /// <summary>A message of the start phase: length and code without a type.</summary>
    public static byte[] Initial(int code, params byte[][] parts) => Join([Int32(Join(parts).Length + 8), Int32(code), .. parts]);

    public static byte[] Startup(int protocol, params (string Name, string Value)[] parameters) =>
        Initial(protocol, [.. parameters.Select(p => Join(CString(p.Name), CString(p.Value))), [0]]);

    public static byte[] Query(string sql) => Message('Q', CString(sql));

    public static byte[] Parse(string name, string sql) => Message('P', CString(name), CString(sql), Int16(0));

    /// <summary>Text parameters, text results; null is SQL's null.</summary>
    public static byte[] Bind(string portal, string statement, params string?[] values) => Message(
        'B', CString(portal), CString(statement), Int16(0), Int16((short)values.Length), Join([.. values.Select(Value)]), Int16(0));

    /// <summary>Kind is S for a statement, P for a portal.</summary>
    public static byte[] Describe(char kind, string name) => Message('D', [(byte)kind], CString(name));

    public static byte[] Execute(string portal, int rows = 0) => Message('E', CString(portal), Int32(rows));

    public static byte[] Close(char kind, string name) => Message('C', [(byte)kind], CString(name));

    public static byte[] Sync() => Message('S');

    public static byte[] Terminate() => Message('X');

    public static byte[] Int32(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }

    public static byte[] Int16(short value)
    {
        var bytes = new byte[2];
        BinaryPrimitives.WriteInt16BigEndian(bytes, value);
        return bytes;
    }

    public static byte[] CString(string text) => [.. Encoding.UTF8.GetBytes(text), 0];

    public static byte[] Join(params byte[][] parts) => [.. parts.SelectMany(part => part)];

    private static byte[] Value(string? value) =>
        value is null ? Int32(-1) : Join(Int32(Encoding.UTF8.GetByteCount(value)), Encoding.UTF8.GetBytes(value));
}
