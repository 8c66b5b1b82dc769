using System.Collections.Concurrent;
using Sallyport.Core;

namespace Sallyport.Masking.Streams;

/// <summary>Makes maskers; the plans of those without secrets are kept, one for each set of detectors.</summary>
public sealed class StreamMaskers : IStreamMaskers
{
    private readonly ConcurrentDictionary<Detectors, StreamMaskPlan> _plans = new();

    public IStreamMasker? Create(Detectors detectors, IReadOnlyList<byte[]> secrets)
    {
        byte[][] known = [.. secrets.Where(static s => s.Length >= StreamMaskPlan.ShortestSecret)];
        if (known.Length > 0)
            return new StreamMaskPlan(detectors, known).Create();
        return detectors == Detectors.None ? null : _plans.GetOrAdd(detectors, static d => new StreamMaskPlan(d)).Create();
    }
}
