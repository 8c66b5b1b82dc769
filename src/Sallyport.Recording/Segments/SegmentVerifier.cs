using System.Globalization;
using Sallyport.Core;

namespace Sallyport.Recording.Segments;

/// <summary>
/// Checks recordings without the gateway: every record's checksum, the chain of hashes over blocks and segments, each seal's signature,
/// and the heads known from outside (without one, a cut tail of the last segment cannot be told from a recording that ends there).
/// </summary>
public static class SegmentVerifier
{
    /// <summary>Checks all segments of a recording folder, or what concerns one session of it.</summary>
    public static VerifyReport VerifyFolder(string folder, VerifyOptions options)
    {
        using var keys = new TrustedKeys(options.TrustedKeys);
        var heads = options.HeadsLog is null ? [] : HeadLog.Read(options.HeadsLog);
        var segments = SegmentFolder.List(folder);
        var walk = new ChainWalk(keys, options);
        foreach (var (place, i) in segments.Select(static (place, i) => (place, i)))
        {
            var isLast = i == segments.Count - 1;
            walk.Check(place, isLast, isLive: isLast && FolderLock.IsHeld(folder), heads.Where(head => head.Segment == place.Name));
        }
        foreach (var gone in heads.Select(static head => head.Segment).Distinct().Except(segments.Select(static place => place.Name)))
            walk.Findings.Add(new VerifyFinding(VerifyFindingKind.SegmentMissing, gone, $"The log of heads names {gone}, which is not there."));
        walk.CheckExpectedHead(segments.Count == 0 ? "" : segments[^1].Name);
        return walk.ToReport();
    }

    /// <summary>Checks one segment file alone; what it must follow from is not known then.</summary>
    public static VerifyReport VerifySegment(string path, VerifyOptions options)
    {
        using var keys = new TrustedKeys(options.TrustedKeys);
        var walk = new ChainWalk(keys, options);
        var name = Path.GetFileName(path);
        var heads = options.HeadsLog is null ? [] : HeadLog.Read(options.HeadsLog);
        walk.Check(new SegmentName(path, name, 0), isLast: true, isLive: false, heads.Where(head => head.Segment == name));
        walk.CheckExpectedHead(name);
        return walk.ToReport();
    }

    /// <summary>A head as people write it down: 64 hex digits.</summary>
    public static bool TryParseHead(string text, out byte[] head)
    {
        head = new byte[ChainHash.Size];
        return text.Length == 2 * ChainHash.Size
            && Convert.FromHexString(text.ToLower(CultureInfo.InvariantCulture), head, out _, out _) == System.Buffers.OperationStatus.Done;
    }
}

/// <summary>The public keys whose seals count.</summary>
internal sealed class TrustedKeys(IReadOnlyList<string> pems) : IDisposable
{
    private readonly List<GatewayKey> _keys = [.. pems.Select(GatewayKey.FromPem)];

    public bool Accepts(byte[] keyId, ReadOnlySpan<byte> seal)
    {
        foreach (var key in _keys)
        {
            if (key.Id.AsSpan().SequenceEqual(keyId))
                return key.Verify(seal[..Seal.SignedSize], seal[Seal.SignedSize..]);
        }
        return false;
    }

    public void Dispose() => _keys.ForEach(static key => key.Dispose());
}
