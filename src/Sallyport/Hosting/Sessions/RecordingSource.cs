using System.Runtime.CompilerServices;
using Sallyport.Core;
using Sallyport.Recording.Replay;

namespace Sallyport.Hosting.Sessions;

/// <summary>
/// What the running gateway recorded, up to the moment of asking. The segments themselves say where a session's records are, not
/// the store's index: that one follows a moment behind, and a replay must not lack the end.
/// </summary>
internal sealed class RecordingSource
{
    private readonly RecordingReader _reader;
    private readonly Func<CancellationToken, ValueTask<bool>> _flush;

    /// <param name="folder">The recording folder.</param>
    /// <param name="flush">Completes when everything appended so far can be read; false when it cannot be written.</param>
    /// <param name="time">Paces the following of a live session.</param>
    public RecordingSource(string folder, Func<CancellationToken, ValueTask<bool>> flush, TimeProvider time)
    {
        _reader = new RecordingReader(folder, null, time);
        _flush = flush;
    }

    /// <summary>The session's records; with <paramref name="follow"/> until its last one.</summary>
    /// <exception cref="InvalidDataException">The recording is damaged, or its last records cannot be written.</exception>
    public async IAsyncEnumerable<RecordedItem> ReadAsync(SessionId session, bool follow, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var isComplete = await _flush(cancellationToken);
        await foreach (var item in _reader.ReadAsync(session, follow, cancellationToken))
            yield return item;
        if (!isComplete)
            throw new InvalidDataException("the recorder failed: what was recorded last is not written.");
    }
}
