namespace Sallyport.Cli.Sessions;

/// <summary>The last commands of a session, one line each.</summary>
internal sealed class CommandList(TextWriter output) : TranscriptWriter
{
    private const int MaxCommands = 50;
    private const int MaxText = 120;

    private readonly Queue<CommandItem> _last = new();
    private long _count;

    public override void Write(TranscriptItem item)
    {
        if (item is not CommandItem command)
            return;
        _count++;
        _last.Enqueue(command);
        if (_last.Count > MaxCommands)
            _last.Dequeue();
    }

    public override string? Complete()
    {
        output.WriteLine($"commands  {_count}{(_count > MaxCommands ? $", the last {MaxCommands}:" : "")}");
        foreach (var command in _last)
        {
            var text = SafeText.Short(command.Text, MaxText);
            output.WriteLine($"  {TranscriptLines.Time(command.At)}  {TranscriptLines.Headline(command)}: {text}");
        }
        return null;
    }
}
