using System.Buffers;

namespace Sallyport.Core;

/// <summary>
/// Masks one direction of one stream of text (a terminal, the output of a command) as it comes, without waiting for more: what was given
/// cut otherwise comes out the same. One <c>*</c> for each byte that is masked. Not thread-safe; allocates nothing per chunk.
/// </summary>
public interface IStreamMasker
{
    /// <summary>Writes what the client may see of a chunk. Only the beginnings of short secrets are held back.</summary>
    void Write(ReadOnlySpan<byte> chunk, IBufferWriter<byte> output);

    /// <summary>Something is held back.</summary>
    bool IsHolding { get; }

    /// <summary>Writes what is held back: at the end, and on a terminal when nothing has come for 30 ms.</summary>
    void Release(IBufferWriter<byte> output);

    /// <summary>
    /// The user typed this. Output that begins where nothing is suspected and repeats it byte by byte is its echo and shows nothing new;
    /// the first byte that differs ends that.
    /// </summary>
    void Credit(ReadOnlySpan<byte> typed);

    /// <summary>How many bytes were masked so far.</summary>
    long MaskedBytes { get; }

    /// <summary>What was surely seen so far, for the record: card numbers with the right check digit, complete keys and tokens.</summary>
    Detectors Found { get; }
}
