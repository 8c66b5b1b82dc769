using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using Sallyport.Core;

namespace Sallyport.Postgres.Replay;

/// <summary>
/// Turns the records of one PostgreSQL session, given in order, into readable items. Keeps at most <c>maxRows</c> rows of a result.
/// Never throws on what is in a record: what cannot be read becomes an <see cref="UnreadableItem"/>.
/// </summary>
public sealed class PostgresTranscript(int maxRows = 1000)
{
    private readonly AnswerReader _answers = new(maxRows);
    private readonly MessageGatherer _input = new();

    /// <summary>The items that this record completes; often none, since answers are cut anywhere.</summary>
    public IReadOnlyList<TranscriptItem> Add(DateTimeOffset at, RecordKind kind, ReadOnlySpan<byte> payload)
    {
        var items = new List<TranscriptItem>();
        switch (kind)
        {
            case RecordKind.Command:
                items.Add(ReadCommand(at, payload));
                break;
            case RecordKind.Answer:
                _answers.Add(at, payload, items);
                break;
            case RecordKind.Input:
                AddInput(at, payload, items);
                break;
            default:
                items.Add(new NoteItem(at, kind, Encoding.UTF8.GetString(payload)));
                break;
        }
        return items;
    }

    private void AddInput(DateTimeOffset at, ReadOnlySpan<byte> payload, List<TranscriptItem> items)
    {
        _input.Add(payload);
        long bytes = 0;
        while (_input.TryTake(out var type, out var body))
            bytes += type == 'd' ? body.Length : 0;
        if (bytes > 0)
            items.Add(new CopyItem(at, false, bytes));
    }

    private static TranscriptItem ReadCommand(DateTimeOffset at, ReadOnlySpan<byte> payload)
    {
        if (!CommandRecord.TryRead(payload, out var command) || !TryReadParameters(command.Parameters, out var parameters))
            return new UnreadableItem(at, $"a command record of {payload.Length} bytes");
        return new CommandItem(
            at, command.Number, command.Decision, command.Flags, Encoding.UTF8.GetString(command.Rule),
            Encoding.ASCII.GetString(command.Snapshot), Encoding.UTF8.GetString(command.Text))
        { Parameters = parameters };
    }

    private static bool TryReadParameters(ReadOnlySpan<byte> bytes, out ImmutableArray<TranscriptParameter> parameters)
    {
        var read = ImmutableArray.CreateBuilder<TranscriptParameter>();
        parameters = [];
        var count = BinaryPrimitives.ReadUInt16LittleEndian(bytes);
        bytes = bytes[2..];
        for (var i = 0; i < count; i++)
        {
            if (bytes.Length < 10)
                return false;
            var type = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
            var isBinary = BinaryPrimitives.ReadInt16LittleEndian(bytes[4..]) == 1;
            var length = BinaryPrimitives.ReadInt32LittleEndian(bytes[6..]);
            bytes = bytes[10..];
            if (length > bytes.Length || length < -1)
                return false;
            read.Add(new TranscriptParameter(type, length < 0 ? null : BinaryValue.ToText(type, isBinary, bytes[..length])));
            bytes = bytes[Math.Max(length, 0)..];
        }
        parameters = read.ToImmutable();
        return true;
    }
}
