using System.Collections.Concurrent;
using System.Text;
using Sallyport.Core;

namespace Sallyport.Tests.Support;

/// <summary>A recorder whose next answers the test says; keeps what it took.</summary>
internal sealed class ScriptedRecorder : IRecorder, ISessionRecorder
{
    private long _position;

    public ConcurrentQueue<(RecordKind Kind, string Text)> Records { get; } = new();

    public Queue<RecordOutcome> Outcomes { get; } = new();

    public string? Refusal { get; set; }

    public string? Fault { get; set; }

    public ISessionRecorder? TryOpen(SessionId session, out string? reason)
    {
        reason = Refusal;
        return Refusal is null ? this : null;
    }

    public RecordOutcome TryAppend(RecordKind kind, ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail, out long position)
    {
        position = ++_position;
        var outcome = Outcomes.Count > 0 ? Outcomes.Dequeue() : RecordOutcome.Taken;
        if (outcome == RecordOutcome.Taken)
            Records.Enqueue((kind, Encoding.UTF8.GetString(head) + Encoding.UTF8.GetString(tail)));
        return outcome;
    }

    public ValueTask<bool> WaitForRoomAsync(CancellationToken cancellationToken) => ValueTask.FromResult(true);

    public ValueTask<bool> WaitDurableAsync(long position, CancellationToken cancellationToken) => ValueTask.FromResult(true);
}
