using Sallyport.Ssh.Channels;

namespace Sallyport.Ssh.Shell;

/// <summary>
/// A line of command mode at the target: a session channel of its own there, whose output the shell's client sees as the shell's.
/// Guarded by the session's lock.
/// </summary>
/// <param name="number">Our number for the channel, which the client never hears of.</param>
/// <param name="command">The number of the record of what was decided.</param>
/// <param name="shell">Whose line it is.</param>
/// <param name="toUpstream">What goes to it.</param>
/// <param name="trailer">What looks for where it leaves the shell; null when it cannot move.</param>
internal sealed class LineRun(uint number, ulong command, CommandShell shell, Flow toUpstream, DirectoryTrailer? trailer)
{
    private readonly System.Buffers.ArrayBufferWriter<byte> _cut = new(256);
    private bool _isCut;

    public uint Number => number;

    public ulong Command => command;

    public CommandShell Shell => shell;

    public Flow ToUpstream => toUpstream;

    public DirectoryTrailer? Trailer => trailer;

    /// <summary>The target has said whether it runs it.</summary>
    public bool IsAnswered { get; set; }

    /// <summary>As a shell has it in <c>$?</c>; null until the target has said it.</summary>
    public uint? Status { get; set; }

    /// <summary>Why the target did not run it; null when it did.</summary>
    public string? Fault { get; set; }

    /// <summary>A chunk of output without the trailer; the same again until <see cref="Taken"/>.</summary>
    public ReadOnlySpan<byte> Cut(uint type, ReadOnlySpan<byte> data)
    {
        if (trailer is null || type != 0)
            return data;
        if (!_isCut)
            trailer.Write(data, _cut);
        _isCut = true;
        return _cut.WrittenSpan;
    }

    public void Taken()
    {
        _cut.ResetWrittenCount();
        _isCut = false;
    }
}
