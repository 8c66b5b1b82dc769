using System.Text;

namespace Sallyport.Core;

/// <summary>
/// Writes one session's command records and remembers its last commands for approvers. Not thread-safe. The buffer is the thread's and
/// reused: recording a command allocates nothing, and a session that waits holds none.
/// </summary>
public sealed class CommandJournal(ISessionRecorder recorder)
{
    private const int HistoryLength = 10;
    private const int KeptBuffer = 1024 * 1024;
    private const int LongestRule = 60;

    /// <summary>A rule in UTF-8 and the sixteen digits of a snapshot.</summary>
    private const int LongestWords = (LongestRule * 3) + 64;

    [ThreadStatic]
    private static byte[]? _buffer;

    // Grows to the length of the history: many sessions are idle after their first commands.
    private (ReadOnlyMemory<byte> Text, DecisionKind Kind)[] _history = [];
    private ulong _number;

    /// <summary>The parameters of a command that has none.</summary>
    public static ReadOnlySpan<byte> NoParameters => [0, 0];

    /// <summary>The number of the last command recorded, from 1.</summary>
    public ulong Number => _number;

    /// <summary>Records a command with its decision. Anything but Taken means that nothing was recorded and it must not pass.</summary>
    /// <param name="decision">What was decided.</param>
    /// <param name="flags">How it came here.</param>
    /// <param name="text">The exact text; kept by reference for the history.</param>
    /// <param name="parameters">As <see cref="CommandRecord.Parameters"/>.</param>
    /// <param name="position">For waiting until it is durable.</param>
    public RecordOutcome TryAppend(Decision decision, CommandFlags flags, ReadOnlyMemory<byte> text, ReadOnlySpan<byte> parameters, out long position)
    {
        Span<byte> words = stackalloc byte[LongestWords];
        var rule = words[..Encoding.UTF8.GetBytes(decision.Rule.AsSpan(0, Math.Min(decision.Rule.Length, LongestRule)), words)];
        var snapshot = words[rule.Length..];
        snapshot = snapshot[..Encoding.UTF8.GetBytes(decision.Snapshot, snapshot)];
        var head = new CommandRecord
        {
            Number = _number + 1,
            Decision = decision.Kind,
            Flags = flags,
            Rule = rule,
            Snapshot = snapshot,
            Text = text.Span,
            Parameters = [],
        };
        var size = head.Size;
        var buffer = _buffer;
        if (buffer is null || buffer.Length < size || (buffer.Length > KeptBuffer && size <= KeptBuffer))
            _buffer = buffer = new byte[Math.Max(1024, size)];
        head.Write(buffer);
        var outcome = recorder.TryAppend(RecordKind.Command, buffer.AsSpan(0, size), parameters, out position);
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

    /// <summary>Records something worth knowing that is no command. Cold.</summary>
    public RecordOutcome TryEvent(RecordKind kind, ReadOnlySpan<byte> json, out long position) => recorder.TryAppend(kind, json, [], out position);

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
}
