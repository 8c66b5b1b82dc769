using System.Text;

namespace Sallyport.Postgres.Wire;

/// <summary>Reads fields of an ErrorResponse or NoticeResponse body: (Byte1 code, String) until a NUL.</summary>
public readonly ref struct DiagnosticView
{
    private readonly ReadOnlySpan<byte> _body;

    public DiagnosticView(ReadOnlySpan<byte> body) => _body = body;

    public ReadOnlySpan<byte> SqlState => Field((byte)'C');

    /// <summary>The non-localised severity, or the localised one of servers before 9.6.</summary>
    public ReadOnlySpan<byte> Severity
    {
        get
        {
            var severity = Field((byte)'V');
            return severity.IsEmpty ? Field((byte)'S') : severity;
        }
    }

    public string Message => Encoding.UTF8.GetString(Field((byte)'M'));

    /// <summary>The field's bytes; empty when it is missing.</summary>
    public ReadOnlySpan<byte> Field(byte code)
    {
        var reader = new BodyReader(_body);
        while (reader.TryByte(out var field) && field != 0)
        {
            if (!reader.TryCString(out var value))
                return default;
            if (field == code)
                return value;
        }
        return default;
    }
}
