using System.Text;

namespace Sallyport.Identity;

/// <summary>What a login name may be. It is printed in logs, records and on approvers' screens, so it holds nothing unprintable.</summary>
internal static class LoginName
{
    public const int MaxLength = 128;

    public const string Requirement = "a name has 1 to 128 characters, none of them a space or a control character";

    public static bool IsValid(string name)
    {
        if (name.Length is 0 or > MaxLength)
            return false;
        foreach (var c in name)
        {
            if (char.IsControl(c) || char.IsWhiteSpace(c) || char.IsSurrogate(c) ||
                char.GetUnicodeCategory(c) is System.Globalization.UnicodeCategory.Format)
                return false;
        }
        return true;
    }

    /// <summary>The name cut and with anything but printable ASCII shown as <c>?</c>: fit for one line of a log.</summary>
    public static string Printable(string name)
    {
        var text = new StringBuilder();
        foreach (var c in name.AsSpan(0, Math.Min(name.Length, MaxLength)))
            text.Append(c is >= ' ' and <= '~' ? c : '?');
        return text.ToString();
    }
}
