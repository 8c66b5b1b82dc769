namespace Sallyport.Core;

/// <summary>
/// Masks UTF-8 text. Thread-safe, allocates nothing. Knows no protocol and no type: what a value must look like to be valid
/// for its type is the protocol's business.
/// </summary>
public interface ITextMasker
{
    /// <summary>By how many bytes what a mask leaves may be longer than the value; a fixed one is as long as it is.</summary>
    const int MostAdded = 16;

    /// <summary>
    /// Writes what the mask leaves of <paramref name="value"/>, and returns how many bytes that is. Not for <see cref="MaskKind.Null"/>.
    /// </summary>
    /// <param name="mask">What to do.</param>
    /// <param name="value">Does not overlap the destination.</param>
    /// <param name="destination">Has room for the value and <see cref="MostAdded"/>, and for the value of a fixed mask.</param>
    int Write(Mask mask, ReadOnlySpan<byte> value, Span<byte> destination);

    /// <summary>A keyed hash of the value: 32 bytes (HMAC-SHA-256).</summary>
    void Hash(ReadOnlySpan<byte> value, Span<byte> hash);

    /// <summary>
    /// The next thing the detectors recognise at or after <paramref name="start"/>. False when there is none.
    /// What is found is at most <see cref="LongestDetected"/> bytes; of a longer one (a private key) that much is found.
    /// </summary>
    bool TryDetect(Detectors detectors, ReadOnlySpan<byte> text, int start, out Range found);

    /// <summary>The overlap that a caller who scans a long value in windows must keep.</summary>
    int LongestDetected { get; }
}
