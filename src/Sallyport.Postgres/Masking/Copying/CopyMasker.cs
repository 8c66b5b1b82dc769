using System.Buffers;
using Sallyport.Core;
using Sallyport.Postgres.Sql;

namespace Sallyport.Postgres.Masking;

/// <summary>What became of a piece of COPY data.</summary>
public enum CopyOutcome : byte
{
    Taken,

    /// <summary>The data is not of the plan's shape, or not framed as the options say: the session must end.</summary>
    Refused,

    /// <summary>A row, or a field that must be looked into, is larger than what may be held: the session must end.</summary>
    TooLarge,
}

/// <summary>
/// Masks the data of COPY … TO STDOUT as it arrives. Messages need not end where rows end; what is written are CopyData messages of
/// whole rows, one for each message that came, but for a row in text or csv that is longer than <see cref="LongestRow"/>: drivers take
/// a message for a row. How the input is cut does not change the data. One per session, reused; not thread-safe.
/// </summary>
public sealed class CopyMasker
{
    /// <summary>A longer row is sent in parts.</summary>
    public const int LongestRow = 4 * 1024 * 1024;

    private readonly CopyRow _row;
    private CopyFraming? _framing;

    public CopyMasker(ITextMasker masker, int longestRow = LongestRow) => _row = new CopyRow(masker, longestRow);

    /// <summary>Between <see cref="Begin"/> and <see cref="End"/>.</summary>
    public bool IsActive => _framing is not null;

    /// <param name="plan">One column for each field; formats as the options have it.</param>
    /// <param name="options">Readable ones.</param>
    public void Begin(RowPlan plan, CopyOptions options)
    {
        _row.Begin(plan, options.HasHeader && options.Format != CopyFormat.Binary);
        _framing = options.Format switch
        {
            CopyFormat.Text => new CopyText(_row, options),
            CopyFormat.Csv => new CopyCsv(_row, options),
            _ => new CopyBinary(_row),
        };
    }

    /// <summary>Takes a part of a message's body. After anything but <see cref="CopyOutcome.Taken"/> nothing more may be fed.</summary>
    public CopyOutcome Feed(ReadOnlySpan<byte> input, IBufferWriter<byte> output)
    {
        var outcome = _framing!.Feed(input);
        return outcome == CopyOutcome.Taken && _row.IsFull ? _framing.Relieve(output) : outcome;
    }

    /// <summary>The message is complete: writes the rows that are.</summary>
    public void EndMessage(IBufferWriter<byte> output)
    {
        if (_framing!.IsBetweenRows)
            _row.Send(output);
    }

    /// <summary>The data is over, or the command failed: gives the memory back. False when the data stops inside a row.</summary>
    public bool End()
    {
        var isWhole = _framing is null || _framing.IsBetweenRows;
        _framing = null;
        _row.Release();
        return isWhole;
    }
}

/// <summary>Finds the fields of one COPY format and writes values in it.</summary>
internal abstract class CopyFraming
{
    public abstract bool IsBetweenRows { get; }

    public abstract CopyOutcome Feed(ReadOnlySpan<byte> input);

    /// <summary>Too much is held: sends or drops what can be.</summary>
    public abstract CopyOutcome Relieve(IBufferWriter<byte> output);
}
