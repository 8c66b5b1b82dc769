using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Sallyport.Core;
using Sallyport.Postgres.Wire;

namespace Sallyport.Postgres.Session;

/// <summary>
/// Writes a session's command records and remembers its last commands for approvers. Belongs to the client's pump. The buffer is the
/// thread's and reused: recording a command allocates nothing, and a session that waits holds none.
/// </summary>
internal sealed class CommandLog
{
    private const int HistoryLength = 10;
    private const int KeptBuffer = 1024 * 1024;

    [ThreadStatic]
    private static byte[]? _buffer;

    private readonly ISessionRecorder _recorder;

    // Grows to the length of the history: many sessions are idle after their first commands.
    private (ReadOnlyMemory<byte> Text, DecisionKind Kind)[] _history = [];
    private Decision? _lastDecision;
    private byte[] _rule = [];
    private byte[] _snapshot = [];
    private ulong _number;

    public CommandLog(ISessionRecorder recorder) => _recorder = recorder;

    /// <summary>Records a command with its decision. Anything but Taken means that nothing was recorded and it must not pass.</summary>
    /// <param name="decision">What was decided.</param>
    /// <param name="flags">How it came here.</param>
    /// <param name="text">The exact text; kept by reference for the history.</param>
    /// <param name="portal">Whose parameters to record, or null.</param>
    /// <param name="position">For waiting until it is durable.</param>
    public RecordOutcome TryAppend(Decision decision, CommandFlags flags, ReadOnlyMemory<byte> text, Portal? portal, out long position)
    {
        if (!ReferenceEquals(decision, _lastDecision))
        {
            _lastDecision = decision;
            _rule = Encoding.UTF8.GetBytes(decision.Rule.Length > 60 ? decision.Rule[..60] : decision.Rule);
            _snapshot = Encoding.ASCII.GetBytes(decision.Snapshot);
        }
        var record = new CommandRecord
        {
            Number = _number + 1,
            Decision = decision.Kind,
            Flags = flags,
            Rule = _rule,
            Snapshot = _snapshot,
            Text = text.Span,
            Parameters = [],
        };
        // A record's parameter has 10 bytes where Bind has 4, so twice the Bind and a little is always enough.
        var most = record.Size + 2 + (portal is null ? 0 : (portal.Tail.Length * 3));
        var buffer = _buffer;
        if (buffer is null || buffer.Length < most || (buffer.Length > KeptBuffer && most <= KeptBuffer))
            _buffer = buffer = new byte[Math.Max(1024, most)];
        record.Write(buffer);
        var length = record.Size + WriteParameters(buffer.AsSpan(record.Size), portal);
        var outcome = _recorder.TryAppend(RecordKind.Command, buffer.AsSpan(0, length), [], out position);
        if (outcome == RecordOutcome.Taken)
        {
            // A huge text is not kept alive for the sake of its beginning.
            var place = (int)(_number % HistoryLength);
            if (place >= _history.Length)
                Array.Resize(ref _history, Math.Min(HistoryLength, (2 * place) + 1));
            _history[place] = (text.Length > 4096 ? text[..401].ToArray() : text, decision.Kind);
            _number++;
        }
        return outcome;
    }

    /// <summary>The number of the last command recorded, from 1.</summary>
    public ulong Number => _number;

    /// <summary>The last commands, oldest first, with their decisions.</summary>
    public IEnumerable<string> History()
    {
        for (var i = _number > HistoryLength ? _number - HistoryLength : 0; i < _number; i++)
        {
            var (text, kind) = _history[(int)(i % HistoryLength)];
            var shown = text.Length > 400 ? Encoding.UTF8.GetString(text.Span[..400]) + "…" : Encoding.UTF8.GetString(text.Span);
            yield return $"{kind.ToString().ToLowerInvariant(),-5}  {shown}";
        }
    }

    /// <summary>Records something worth knowing that is no command. Cold.</summary>
    public RecordOutcome TryEvent(RecordKind kind, object payload, out long position) =>
        _recorder.TryAppend(kind, JsonSerializer.SerializeToUtf8Bytes(payload), [], out position);

    /// <summary>u16 count, each: u32 type OID, i16 format, i32 length, bytes; little-endian.</summary>
    private static int WriteParameters(Span<byte> target, Portal? portal)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(target, 0);
        if (portal is null || !TryParameters(portal.Tail, out var formats, out var count, out var values))
            return 2;
        BinaryPrimitives.WriteUInt16LittleEndian(target, (ushort)count);
        var at = 2;
        var reader = new BodyReader(values);
        for (var i = 0; i < count; i++)
        {
            reader.TryInt32(out var length);
            reader.TryBytes(Math.Max(0, length), out var value);
            BinaryPrimitives.WriteUInt32LittleEndian(target[at..], portal.Statement?.TypeOf(i) ?? 0);
            BinaryPrimitives.WriteInt16LittleEndian(target[(at + 4)..], BindView.FormatAt(formats, i));
            BinaryPrimitives.WriteInt32LittleEndian(target[(at + 6)..], length);
            value.CopyTo(target[(at + 10)..]);
            at += 10 + value.Length;
        }
        return at;
    }

    /// <summary>Takes apart a Bind body from the parameter formats on, which was checked when it came.</summary>
    internal static bool TryParameters(ReadOnlySpan<byte> tail, out ReadOnlySpan<byte> formats, out int count, out ReadOnlySpan<byte> values)
    {
        formats = default;
        values = default;
        count = 0;
        var reader = new BodyReader(tail);
        if (!reader.TryCount(out var formatCount) || !reader.TryBytes(formatCount * 2, out formats) || !reader.TryCount(out count))
            return false;
        values = reader.Rest;
        return true;
    }
}
