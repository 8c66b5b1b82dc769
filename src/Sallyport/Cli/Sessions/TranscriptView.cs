namespace Sallyport.Cli.Sessions;

/// <summary>How a verb wants a session shown, whatever its protocol is.</summary>
internal sealed record TranscriptView
{
    public required TextWriter Output { get; init; }

    public TranscriptForm Form { get; init; }

    /// <summary>Only this channel of an SSH session.</summary>
    public uint? Channel { get; init; }

    /// <summary>An asciicast has what was typed too.</summary>
    public bool WithInput { get; init; }

    /// <summary>People read it on a terminal and a recorded terminal may be played there.</summary>
    public bool PlaysTerminals { get; init; }

    public static TranscriptView Of(CliContext cli, bool isJson, bool isPlayed, uint? channel = null) => new()
    {
        Output = cli.Out,
        Form = isJson ? TranscriptForm.Jsonl : TranscriptForm.People,
        PlaysTerminals = cli.IsTerminal && isPlayed,
        Channel = channel,
    };
}

internal enum TranscriptForm
{
    /// <summary>In lines, safe for a terminal.</summary>
    People,

    /// <summary>One JSON object a line.</summary>
    Jsonl,

    /// <summary>A script for psql.</summary>
    Sql,

    /// <summary>asciinema's format, version 2.</summary>
    Asciicast,

    /// <summary>asciinema's format, version 3.</summary>
    AsciicastV3,

    /// <summary>The last commands with their decisions.</summary>
    Commands,
}
