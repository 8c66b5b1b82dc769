using System.Buffers.Binary;
using System.Text;

namespace Sallyport.Fuzz;

/// <summary>Puts messages together the slow and obvious way.</summary>
internal static class Bytes
{
    public static byte[] Int16(int value)
    {
        var bytes = new byte[sizeof(short)];
        BinaryPrimitives.WriteInt16BigEndian(bytes, unchecked((short)value));
        return bytes;
    }

    public static byte[] Int32(int value)
    {
        var bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>A message of a type, its length and its body.</summary>
    public static byte[] Message(char type, params byte[] body) => [(byte)type, .. Int32(body.Length + sizeof(int)), .. body];

    /// <summary>The body of a DataRow; null is NULL.</summary>
    public static byte[] Row(params byte[]?[] fields) =>
        [.. Int16(fields.Length), .. fields.SelectMany(field => Int32(field?.Length ?? -1).Concat(field ?? []))];
}
