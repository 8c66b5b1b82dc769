using System.Buffers;

namespace Sallyport.Ssh.Channels;

/// <summary>
/// The masks of one channel's output, stdout and stderr apart. What a chunk became is given again until it was taken, so that a full
/// recorder loses nothing. Guarded by the session's lock.
/// </summary>
internal sealed class OutputMasks(IStreamMasker output, IStreamMasker error)
{
    private readonly ArrayBufferWriter<byte> _masked = new(4096);
    private bool _isReady;

    /// <summary>A chunk was masked and waits to be taken.</summary>
    public bool IsPending => _isReady && Released is null;

    /// <summary>Of which stream what was held back waits to be taken; null when none does. It is older than the next chunk.</summary>
    public uint? Released { get; private set; }

    public bool IsHolding => output.IsHolding || error.IsHolding;

    public long MaskedBytes => output.MaskedBytes + error.MaskedBytes;

    public Detectors Found => output.Found | error.Found;

    /// <summary>What the client may see of a chunk, until <see cref="Taken"/>.</summary>
    public ReadOnlySpan<byte> Mask(uint type, ReadOnlySpan<byte> data)
    {
        if (!_isReady)
            Of(type).Write(data, _masked);
        _isReady = true;
        return _masked.WrittenSpan;
    }

    /// <summary>What was held back, for good: at the end, or when nothing more has come for a while. Until <see cref="Taken"/>.</summary>
    public ReadOnlySpan<byte> Release(uint type)
    {
        if (!_isReady)
            Of(type).Release(_masked);
        _isReady = true;
        Released = type;
        return _masked.WrittenSpan;
    }

    public void Taken()
    {
        _masked.ResetWrittenCount();
        _isReady = false;
        Released = null;
    }

    /// <summary>The user typed this at a terminal: its echo shows nothing new.</summary>
    public void Credit(ReadOnlySpan<byte> typed) => output.Credit(typed);

    private IStreamMasker Of(uint type) => type == 0 ? output : error;
}
