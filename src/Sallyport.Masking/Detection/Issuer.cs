namespace Sallyport.Masking.Detection;

/// <summary>The card lengths that the issuers of one range of first digits use, as a bit per length.</summary>
internal readonly record struct Issuer(int Lengths)
{
    private const int Only13And16And19 = (1 << 13) | (1 << 16) | (1 << 19);
    private const int Only15 = 1 << 15;
    private const int Only16 = 1 << 16;
    private const int From13 = (1 << 20) - (1 << 13);
    private const int From14 = (1 << 20) - (1 << 14);
    private const int From16 = (1 << 20) - (1 << 16);

    public bool Uses(int length) => (Lengths & (1 << length)) != 0;

    /// <summary>By the first four digits.</summary>
    public static bool TryFind(ReadOnlySpan<byte> digits, out Issuer issuer)
    {
        var four = (((digits[0] * 10) + digits[1]) * 100) + (digits[2] * 10) + digits[3];
        issuer = new Issuer(LengthsOf(four));
        return issuer.Lengths != 0;
    }

    private static int LengthsOf(int four) => four switch
    {
        >= 4000 and <= 4999 => Only13And16And19, // Visa
        >= 5100 and <= 5599 or >= 2221 and <= 2720 => Only16, // Mastercard
        >= 3400 and <= 3499 or >= 3700 and <= 3799 => Only15, // American Express
        >= 3000 and <= 3059 or 3095 or >= 3600 and <= 3699 or >= 3800 and <= 3999 => From14, // Diners Club
        >= 3528 and <= 3589 => From16, // JCB
        >= 2200 and <= 2204 => From16, // Mir
        >= 6200 and <= 6299 or >= 8100 and <= 8199 => From16, // UnionPay
        6011 or >= 6440 and <= 6599 => From16, // Discover
        >= 6000 and <= 6099 or >= 8200 and <= 8299 or >= 5080 and <= 5089 => Only16, // RuPay
        >= 5000 and <= 5099 or >= 5600 and <= 5899 or >= 6300 and <= 6399 or >= 6700 and <= 6799 => From13, // Maestro
        9792 => Only16, // Troy
        _ => 0,
    };
}
