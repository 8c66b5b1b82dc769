using System.Collections.Immutable;
using System.Text;
using System.Text.Unicode;

namespace Sallyport.Core;

/// <summary>One readable thing of a recorded session. Texts are as recorded: whoever shows them must escape them.</summary>
public abstract record TranscriptItem(DateTimeOffset At);

/// <summary>A parameter in words; null <see cref="Text"/> is a null value. <see cref="Type"/> is the protocol's own number.</summary>
public sealed record TranscriptParameter(uint Type, string? Text);

/// <summary>A command with its decision.</summary>
public sealed record CommandItem(
    DateTimeOffset At, ulong Number, DecisionKind Decision, CommandFlags Flags, string Rule, string Snapshot, string Text)
    : TranscriptItem(At)
{
    public ImmutableArray<TranscriptParameter> Parameters { get; init; } = [];

    /// <summary>The exact bytes of a text that is not UTF-8, which <see cref="Text"/> cannot hold; null otherwise.</summary>
    public byte[]? Bytes { get; init; }

    /// <summary>Whether the upstream was given it to run.</summary>
    public bool Ran => (Decision == DecisionKind.Allow || Flags.HasFlag(CommandFlags.Approved)) && !Flags.HasFlag(CommandFlags.PrepareOnly);

    /// <summary>Everything but the parameters, whose values only the protocol can read.</summary>
    public static CommandItem Of(DateTimeOffset at, in CommandRecord command) => new(
        at, command.Number, command.Decision, command.Flags, Encoding.UTF8.GetString(command.Rule),
        Encoding.ASCII.GetString(command.Snapshot), Encoding.UTF8.GetString(command.Text))
    {
        Bytes = Utf8.IsValid(command.Text) ? null : command.Text.ToArray(),
    };
}

/// <summary>What the recording says in JSON: the session's beginning and end, what became of a hold, events.</summary>
public record NoteItem(DateTimeOffset At, RecordKind Kind, string Json) : TranscriptItem(At);

/// <summary>Bytes that are not what they should be.</summary>
public sealed record UnreadableItem(DateTimeOffset At, string What) : TranscriptItem(At);
