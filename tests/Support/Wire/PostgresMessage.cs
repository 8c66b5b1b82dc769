using System.Text;

namespace Sallyport.Testing.Wire;

/// <summary>One message as it came: its type byte and everything after the length. PostgreSQL manual, 55.7.</summary>
public sealed record PostgresMessage(char Type, byte[] Body)
{
    /// <summary>The body as UTF-8 with zero bytes shown as spaces.</summary>
    public string Text => Encoding.UTF8.GetString(Body).Replace('\0', ' ');

    /// <summary>A field of an ErrorResponse or NoticeResponse, by its code (S severity, C SQLSTATE, M message, D detail, H hint).</summary>
    public string? Field(char code)
    {
        foreach (var field in Encoding.UTF8.GetString(Body).Split('\0', StringSplitOptions.RemoveEmptyEntries))
            if (field[0] == code)
                return field[1..];
        return null;
    }

    public override string ToString() => $"{Type}[{Body.Length}] {Text}";
}
