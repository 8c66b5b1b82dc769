using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Sallyport.Postgres.Wire;

namespace Sallyport.Fuzz.Targets;

/// <summary>
/// A server's error answers the fields that a walk with strings finds. And any text in an error of the gateway's own is read back as
/// that text and as nothing else: what a client put into a name ends no field early.
/// </summary>
internal sealed class DiagnosticViewTarget : IFuzzTarget
{
    public string Name => "fields";

    public IReadOnlyList<byte[]> Corpus { get; } =
    [
        [.. "SERROR\0VERROR\0C23505\0Mduplicate key\0DKey (ssn)=(1)\0\0"u8], [.. "SWARNUNG\0C01000\0M\0M2\0\0"u8],
        [.. "SERROR\0Mno end"u8], [0], [.. "name\0Cx\0\0"u8],
    ];

    public void Check(byte[] input, Random random)
    {
        var view = new DiagnosticView(input);
        var fields = Fields(input);
        for (var code = 0; code < 256; code++)
        {
            var expected = code == 0 ? null : fields.FirstOrDefault(field => field[0] == code)?[1..];
            Promise.Holds(Encoding.Latin1.GetString(view.Field((byte)code)) == (expected ?? ""), $"field {code} is the first of that code");
        }
        var severity = fields.FirstOrDefault(static field => field[0] == 'V') is { Length: > 1 } found
            ? found : fields.FirstOrDefault(static field => field[0] == 'S') ?? "S";
        Promise.Holds(Encoding.Latin1.GetString(view.Severity) == severity[1..], "the severity is the one that is not localised");
        CheckOwn(Encoding.UTF8.GetString(input), random.Next(2) == 0 ? null : Encoding.Latin1.GetString(input));
    }

    private static void CheckOwn(string text, string? detail)
    {
        var output = new ArrayBufferWriter<byte>();
        MessageWriter.WriteDiagnostic(output, Diagnostic.Error(SqlState.SyntaxError, text, detail, text));
        var message = output.WrittenSpan;
        Promise.Holds(message[0] == 'E' && BinaryPrimitives.ReadInt32BigEndian(message[1..]) == message.Length - 1, "the frame is right");
        var written = Encoding.UTF8.GetString(message[5..]);
        var fields = $"SERROR\0VERROR\0C42601\0M{Clean(text)}\0{(detail is null ? "" : $"D{Clean(detail)}\0")}H{Clean(text)}\0\0";
        Promise.Holds(written == fields, "each text stays in its field");
    }

    private static string Clean(string text) => string.Join("\\0", text.Split('\0'));

    /// <summary>The fields up to the NUL that ends them, or to the one that does not end.</summary>
    private static List<string> Fields(byte[] body)
    {
        var parts = Encoding.Latin1.GetString(body).Split('\0');
        return [.. parts[..^1].TakeWhile(static part => part.Length > 0)];
    }
}
