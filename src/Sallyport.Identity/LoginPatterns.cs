using System.IO.Enumeration;

namespace Sallyport.Identity;

/// <summary>The logins that somebody else may vouch for: names with <c>*</c> for any run of characters; none is all.</summary>
internal static class LoginPatterns
{
    public const string Requirement = "logins are names with * for any run of characters";

    public static bool Admit(IReadOnlyList<string> patterns, string login)
    {
        // Read per command: a closure would be allocated each time.
        for (var i = 0; i < patterns.Count; i++)
        {
            if (FileSystemName.MatchesSimpleExpression(patterns[i], login, ignoreCase: true))
                return true;
        }
        return patterns.Count == 0;
    }

    public static bool AreValid(IReadOnlyList<string> patterns) =>
        !patterns.Any(static p => p.Length == 0 || p.AsSpan().ContainsAny('?', '\\'));
}
