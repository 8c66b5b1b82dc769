using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using Sallyport.Core;

namespace Sallyport.Postgres.Replay;

/// <summary>The items of a PostgreSQL session. Keeps at most <c>maxRows</c> rows of a result.</summary>
public sealed class PostgresTranscript(int maxRows = 1000) : ITranscript
{
    private readonly AnswerReader _answers = new(maxRows);
    private readonly MessageGatherer _input = new();

    public IReadOnlyList<TranscriptItem> Add(DateTimeOffset at, RecordKind kind, ReadOnlySpan<byte> payload)
    {
        var items = new List<TranscriptItem>();
        switch (kind)
        {
            case RecordKind.Command:
                AddCommand(at, payload, items);
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

    /// <summary>A message that is not whole says nothing.</summary>
    public IReadOnlyList<TranscriptItem> Complete() => [];

    private void AddInput(DateTimeOffset at, ReadOnlySpan<byte> payload, List<TranscriptItem> items)
    {
        _input.Add(payload);
        long bytes = 0;
        while (_input.TryTake(out var type, out var body))
            bytes += type == 'd' ? body.Length : 0;
        if (bytes > 0)
            items.Add(new CopyItem(at, false, bytes));
    }

    private static void AddCommand(DateTimeOffset at, ReadOnlySpan<byte> payload, List<TranscriptItem> items)
    {
        if (CommandRecord.TryRead(payload, out var command) && TryReadParameters(command.Parameters, out var parameters))
            items.Add(CommandItem.Of(at, command) with { Parameters = parameters });
        else
            items.Add(new UnreadableItem(at, $"a command record of {payload.Length} bytes"));
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
