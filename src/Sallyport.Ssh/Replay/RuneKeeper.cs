using System.Buffers;
using System.Text;

namespace Sallyport.Ssh.Replay;

/// <summary>Cuts one stream of bytes between runes of UTF-8: keeps the beginning of one back until its rest comes.</summary>
internal sealed class RuneKeeper
{
    private const int LongestBeginning = 3;

    private byte[] _kept = [];

    /// <summary>What was kept, and these bytes without the beginning of a rune at their end.</summary>
    public byte[] Add(ReadOnlySpan<byte> bytes)
    {
        byte[] joined = [.. _kept, .. bytes];
        var keep = LengthOfBeginning(joined);
        _kept = joined[^keep..];
        return joined[..^keep];
    }

    /// <summary>The beginning whose rest did not come.</summary>
    public byte[] Take()
    {
        var rest = _kept;
        _kept = [];
        return rest;
    }

    private static int LengthOfBeginning(ReadOnlySpan<byte> bytes)
    {
        for (var length = 1; length <= Math.Min(LongestBeginning, bytes.Length); length++)
        {
            var last = bytes[^length..];
            if ((last[0] & 0xC0) != 0x80)
                return Rune.DecodeFromUtf8(last, out _, out _) == OperationStatus.NeedMoreData ? length : 0;
        }
        return 0;
    }
}
