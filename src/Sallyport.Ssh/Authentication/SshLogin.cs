using System.Text;

namespace Sallyport.Ssh.Authentication;

/// <summary>
/// The user name that a client gives: <c>principal+resource</c>, or with <c>%</c> between. The last of those two characters splits,
/// since a principal's name may have them and a resource's never does. (<c>:</c> and <c>/</c> would break scp and rsync.)
/// </summary>
/// <param name="Principal">Who logs in, as typed.</param>
/// <param name="Resource">Null when the name has none.</param>
public sealed record SshLogin(string Principal, string? Resource)
{
    private const int MaxLength = 255;
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>Null when the name is empty, too long or no text.</summary>
    public static SshLogin? Parse(ReadOnlySpan<byte> user)
    {
        if (user.Length is 0 or > MaxLength)
            return null;
        string text;
        try
        {
            text = StrictUtf8.GetString(user);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
        if (text.Any(char.IsControl))
            return null;
        var split = text.LastIndexOfAny(['+', '%']);
        return split < 0 ? new SshLogin(text, null) : new SshLogin(text[..split], text[(split + 1)..]);
    }
}
