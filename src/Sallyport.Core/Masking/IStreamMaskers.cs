namespace Sallyport.Core;

/// <summary>Makes maskers of streams. Thread-safe.</summary>
public interface IStreamMaskers
{
    /// <summary>A masker for one stream; null when there is nothing to look for.</summary>
    /// <param name="detectors">What policy has masked.</param>
    /// <param name="secrets">Values that must never show, of at least four bytes each; shorter ones are left out.</param>
    IStreamMasker? Create(Detectors detectors, IReadOnlyList<byte[]> secrets);
}
