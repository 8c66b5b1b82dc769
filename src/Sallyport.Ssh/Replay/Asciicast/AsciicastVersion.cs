namespace Sallyport.Ssh.Replay.Asciicast;

/// <summary>The format of asciinema's recordings. Source: docs.asciinema.org/manual/asciicast.</summary>
public enum AsciicastVersion : byte
{
    /// <summary>Times since the beginning; what asciinema 2 and later play.</summary>
    V2 = 2,

    /// <summary>Times since the event before, and an exit event; asciinema 3 and later.</summary>
    V3 = 3,
}
