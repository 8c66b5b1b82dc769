using System.Buffers;
using Sallyport.Core;

namespace Sallyport.Postgres.Masking;

/// <summary>
/// Scrubs one field of any length in bounded memory. Where the windows lie depends on the field alone, never on how the bytes arrived.
/// A field that fits one window is scrubbed exactly as in a complete row.
/// </summary>
internal sealed class FieldWindow
{
    /// <summary>What must be seen behind a finding, and in front of the place where the search begins again.</summary>
    private const int Context = 512;

    private readonly ITextMasker _masker;
    private readonly int _size;
    private byte[] _bytes = [];
    private int _length;

    // Before _sent: already written, kept as context. Before _scanned: clean or blotted out.
    private int _sent;
    private int _scanned;

    public FieldWindow(ITextMasker masker)
    {
        _masker = masker;
        _size = 4 * (masker.LongestDetected + Context);
    }

    public void Begin()
    {
        if (_bytes.Length == 0) _bytes = ArrayPool<byte>.Shared.Rent(_size);
        _length = _sent = _scanned = 0;
    }

    /// <summary>Takes a part of the field and writes what is decided of it; all of it when it is the last part.</summary>
    public void Add(ReadOnlySpan<byte> input, bool isLast, in ColumnPlan column, Detectors detectors, IBufferWriter<byte> output)
    {
        while (true)
        {
            var take = Math.Min(input.Length, _size - _length);
            input[..take].CopyTo(_bytes.AsSpan(_length));
            _length += take;
            input = input[take..];
            if (input.IsEmpty) break;
            Slide(column, detectors, output);
        }

        if (isLast) Finish(column, detectors, output);
    }

    public void Release()
    {
        if (_bytes.Length > 0) ArrayPool<byte>.Shared.Return(_bytes, clearArray: true);
        _bytes = [];
    }

    private void Slide(in ColumnPlan column, Detectors detectors, IBufferWriter<byte> output)
    {
        // Findings that begin in the last stretch are not decided yet: their end, or what follows them, may be missing.
        var decided = _length - _masker.LongestDetected - Context;
        Search(Flat(column.Content), detectors, decided);
        // An address may begin before the limit and show only behind it, so the next search goes back over a little.
        var send = decided - Context;
        output.Write(_bytes.AsSpan(_sent, send - _sent));
        var keepFrom = send - Context;
        _bytes.AsSpan(keepFrom, _length - keepFrom).CopyTo(_bytes);
        _length -= keepFrom;
        _scanned = Math.Max(_scanned, send) - keepFrom;
        _sent = Context;
    }

    private void Finish(in ColumnPlan column, Detectors detectors, IBufferWriter<byte> output)
    {
        if (_sent == 0) FieldScrubber.Scrub(_masker, detectors, column.Type, column.Content, _bytes.AsSpan(0, _length));
        else Search(Flat(column.Content), detectors, _length);
        output.Write(_bytes.AsSpan(_sent, _length - _sent));
    }

    private void Search(FieldContent content, Detectors detectors, int limit)
    {
        var text = _bytes.AsSpan(0, _length);
        while (_masker.TryDetect(detectors, text, _scanned, out var found) && found.Start.Value < limit)
        {
            _scanned = Blot.Out(content, text, found);
        }
    }

    /// <summary>The structure of a large binary array is not followed; what is found in it is text all the same.</summary>
    private static FieldContent Flat(FieldContent content) => content switch
    {
        FieldContent.Json or FieldContent.Quoted or FieldContent.Digits => content,
        FieldContent.ArrayBinary => FieldContent.Quoted,
        _ => FieldContent.Plain,
    };
}
