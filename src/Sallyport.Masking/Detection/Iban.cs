using Sallyport.Core;

namespace Sallyport.Masking.Detection;

/// <summary>
/// An international bank account number (<see cref="Detectors.Iban"/>, ISO 13616): a country of the registry, that country's
/// length, and mod 97 equal to 1; compact or in groups with single spaces or dashes, in either case.
/// </summary>
internal static class Iban
{
    private const string Registry =
        "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28EE20EG29ES24FI18FK18FO18FR27GB22GE22GI23"
        + "GL18GR27GT28HN28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20LU20LV21LY25MC27MD24ME22MK19MN20MR27MT31MU30NI28"
        + "NL18NO15OM23PK24PL28PS29PT25QA29RO24RS22RU33SA24SC31SD18SE24SI19SK24SM27SO23ST25SV28TL23TN24TR26UA29VA22VG24XK20YE30";

    private static readonly byte[] Lengths = BuildLengths();

    /// <summary>How long the numbers of that country are; 0 for what is none. Both are letters.</summary>
    public static int LengthOf(byte first, byte second) => Lengths[Index(first, second)];

    /// <param name="text">The text.</param>
    /// <param name="floor">Where what is found may begin at the earliest.</param>
    /// <param name="at">The first check digit: the country stands before it.</param>
    /// <param name="found">The number with its country.</param>
    public static bool TryMatch(ReadOnlySpan<byte> text, int floor, int at, out Range found)
    {
        found = default;
        var start = at - 2;
        if (start < floor || !Ascii.IsLetter(text[start]) || !Ascii.IsLetter(text[start + 1])) return false;
        var length = LengthOf(text[start], text[start + 1]);
        if (length == 0) return false;

        // ISO 7064: the country and check digits go behind the account, letters count 10 to 35.
        var remainder = 0;
        var taken = 4;
        var position = at + 2;
        if (position > text.Length || !Ascii.IsDigit(text[at + 1])) return false;
        for (; position < text.Length && taken < length; position++)
        {
            var value = text[position];
            if (Ascii.IsLetterOrDigit(value))
            {
                remainder = Add(remainder, value);
                taken++;
            }
            else if (value is not ((byte)' ' or (byte)'-') || !Ascii.IsLetterOrDigit(text[position - 1]))
            {
                return false;
            }
        }

        if (taken < length || (position < text.Length && Ascii.IsLetterOrDigit(text[position]))) return false;
        for (var i = start; i < start + 4; i++) remainder = Add(remainder, text[i]);
        found = start..position;
        return remainder == 1;
    }

    private static int Add(int remainder, byte value) =>
        Ascii.IsDigit(value) ? ((remainder * 10) + value - '0') % 97 : ((remainder * 100) + (value | 0x20) - 'a' + 10) % 97;

    private static int Index(byte first, byte second) => (((first | 0x20) - 'a') * 26) + (second | 0x20) - 'a';

    private static byte[] BuildLengths()
    {
        var lengths = new byte[26 * 26];
        for (var i = 0; i < Registry.Length; i += 4)
        {
            lengths[Index((byte)Registry[i], (byte)Registry[i + 1])] = (byte)(((Registry[i + 2] - '0') * 10) + Registry[i + 3] - '0');
        }

        return lengths;
    }
}
