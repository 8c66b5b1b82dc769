using System.Globalization;

namespace Sallyport.Core;

/// <summary>The lines for people that are the same in every protocol. Nothing recorded can drive the terminal.</summary>
public sealed class TranscriptLines(TextWriter output)
{
    public static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);

    /// <summary><c>#1  allow by reads (approved)</c>.</summary>
    public static string Headline(CommandItem command)
    {
        var flags = command.Flags == CommandFlags.None ? "" : $" ({command.Flags.ToString().ToLowerInvariant()})";
        return $"#{command.Number}  {command.Decision.ToString().ToLowerInvariant()} by {SafeText.Show(command.Rule)}{flags}";
    }

    /// <summary>False when the item is the protocol's own.</summary>
    public bool TryWrite(TranscriptItem item)
    {
        switch (item)
        {
            case CommandItem command:
                WriteCommand(command);
                return true;
            case NoteItem note:
                output.WriteLine($"{Time(note.At)}  {NameOf(note.Kind)}  {SafeText.Show(note.Json)}");
                return true;
            case UnreadableItem unreadable:
                output.WriteLine($"{Time(unreadable.At)}  cannot be read: {SafeText.Show(unreadable.What)}");
                return true;
            default:
                return false;
        }
    }

    private void WriteCommand(CommandItem command)
    {
        output.WriteLine($"{Time(command.At)}  {Headline(command)}");
        foreach (var line in SafeText.Show(command.Text, keepLines: true).Split('\n'))
            output.WriteLine("  > " + line);
        for (var i = 0; i < command.Parameters.Length; i++)
        {
            var text = command.Parameters[i].Text;
            output.WriteLine($"    ${i + 1} = {(text is null ? "NULL" : "'" + SafeText.Show(text) + "'")}");
        }
    }

    private static string NameOf(RecordKind kind) => kind switch
    {
        RecordKind.SessionOpened => "opened",
        RecordKind.SessionClosed => "closed",
        RecordKind.HoldOutcome => "hold",
        RecordKind.Interrupted => "interrupted",
        _ => "event",
    };
}
