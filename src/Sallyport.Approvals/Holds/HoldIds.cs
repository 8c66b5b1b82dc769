using System.Security.Cryptography;

namespace Sallyport.Approvals;

/// <summary><c>h-</c> and 8 random characters of Crockford base32 (40 bits): no I, L, O or U to mishear.</summary>
internal static class HoldIds
{
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    public static string New() => "h-" + RandomNumberGenerator.GetString(Alphabet, 8);

    /// <summary>As typed by a person: any case, O for 0, I and L for 1.</summary>
    public static string Normalize(string typed)
    {
        if (typed.Length != 10 || typed[0] is not ('h' or 'H') || typed[1] != '-')
            return typed;
        return string.Create(10, typed, static (id, typed) =>
        {
            "h-".CopyTo(id);
            for (var i = 2; i < id.Length; i++)
            {
                id[i] = char.ToUpperInvariant(typed[i]) switch
                {
                    'O' => '0',
                    'I' or 'L' => '1',
                    var c => c,
                };
            }
        });
    }
}
