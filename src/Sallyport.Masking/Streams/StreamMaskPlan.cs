using System.Collections.Immutable;
using Sallyport.Core;
using Sallyport.Masking.Detection;

namespace Sallyport.Masking.Streams;

/// <summary>
/// What streams are masked for: detectors, and secrets that are known (the gateway's own credentials). Made once and shared by all streams
/// of one principal on one resource. Immutable, thread-safe.
/// </summary>
/// <remarks>
/// Of a secret of <see cref="ShortSecret"/> bytes or more the first four are shown and begin the masking; a shorter one is held back while
/// it may still become one, and then masked whole. One of less than <see cref="ShortestSecret"/> bytes is in too much text to be looked for.
/// </remarks>
public sealed class StreamMaskPlan
{
    public const int ShortestSecret = 4;
    public const int ShortSecret = 12;

    /// <summary>What is longer is masked by the bytes that occur in it.</summary>
    private const int LongestExact = 250;

    private const int ShownOfSecret = 4;
    private const Detectors Numbers = Detectors.Pan | Detectors.Ssn;

    private readonly ImmutableArray<byte[]> _secrets;

    /// <param name="detectors">What is looked for.</param>
    /// <param name="secrets">Values that must not be shown.</param>
    public StreamMaskPlan(Detectors detectors, params ReadOnlySpan<byte[]> secrets)
    {
        Detectors = detectors;
        var known = secrets.ToArray().Where(static s => s.Length >= ShortestSecret).ToList();
        _secrets = [.. known];
        Triggers = new TriggerAutomaton([.. TriggersOf(detectors), .. known.Where(static s => s.Length >= ShortSecret).Select(OfSecret)]);
        var brief = known.Where(static s => s.Length < ShortSecret).ToList();
        Held = brief.Count == 0 ? null : new TriggerAutomaton([.. brief.Select(static s => new Trigger(s, null, s.Length))]);
        foreach (var value in known.SelectMany(static s => s.Skip(LongestExact)))
            LongSecretBytes[value] = true;
        LongestTail = known.Select(static s => s.Length - LongestExact).Append(0).Max();
        Prefilter = new Prefilter(Beginnings(detectors));
    }

    public Detectors Detectors { get; }

    internal TriggerAutomaton Triggers { get; }

    /// <summary>Null when there is no short secret.</summary>
    internal TriggerAutomaton? Held { get; }

    internal Prefilter Prefilter { get; }

    internal bool[] LongSecretBytes { get; } = new bool[256];

    internal int LongestTail { get; }

    /// <summary>A masker for one direction of one stream.</summary>
    public IStreamMasker Create() => new StreamMasker(this);

    private static IEnumerable<Trigger> TriggersOf(Detectors detectors)
    {
        if ((detectors & Detectors.AwsKey) != 0)
        {
            yield return new Trigger("AKIA"u8.ToArray(), Body.AwsKey, 4);
            yield return new Trigger("ASIA"u8.ToArray(), Body.AwsKey, 4);
        }
        if ((detectors & Detectors.Jwt) != 0)
            yield return new Trigger("eyJ"u8.ToArray(), Body.JsonWebToken, 3);
        if ((detectors & Detectors.PrivateKey) != 0)
            yield return new Trigger("-----BEGIN "u8.ToArray(), Body.PrivateKey, 11);
        if ((detectors & Detectors.Email) != 0)
            yield return new Trigger("@"u8.ToArray(), Body.EmailDomain, 1);
    }

    private static Trigger OfSecret(byte[] secret) => secret.Length <= LongestExact
        ? new Trigger(secret, null, ShownOfSecret)
        : new Trigger(secret[..LongestExact], Body.LongSecret, ShownOfSecret);

    /// <summary>The first three bytes of all that may begin; codes may stand between them.</summary>
    private IEnumerable<(byte, Func<byte, bool>, Func<byte, bool>, Func<byte, bool>)> Beginnings(Detectors detectors)
    {
        var texts = TriggersOf(detectors).Select(static t => t.Text).ToList();
        var firsts = texts.Concat(_secrets).Select(static t => t[0]).ToHashSet();
        if ((detectors & Numbers) != 0)
            yield return (Prefilter.Number, Ascii.IsDigit, Ascii.IsDigit, Ascii.IsDigit);
        if ((detectors & Detectors.Iban) != 0)
            yield return (Prefilter.Account, Ascii.IsDigit, Ascii.IsDigit, Any);
        if ((detectors & (Numbers | Detectors.Iban)) != 0)
            firsts.UnionWith("0123456789"u8.ToArray());
        // Codes are always followed, and what is a trigger by itself.
        yield return (4, first => IsInvisible(first) || texts.Any(t => t.Length == 1 && t[0] == first), Any, Any);
        yield return (8, firsts.Contains, IsInvisible, Any);
        yield return (16, firsts.Contains, Any, IsInvisible);
        byte[] kinds = [32, 64, 128];
        var at = 0;
        foreach (var text in texts.Where(static t => t.Length >= 3).Concat(_secrets))
        {
            yield return (kinds[at], first => first == text[0], second => second == text[1], third => third == text[2]);
            at = (at + 1) % kinds.Length;
        }
    }

    private static bool Any(byte value) => true;

    private static bool IsInvisible(byte value) => value is 0x1B or 0;
}
