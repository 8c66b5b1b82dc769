using System.Collections.Immutable;

namespace Sallyport.Ssh.Commands;

/// <summary>What reads the lines of a target.</summary>
public enum TargetShell : byte
{
    /// <summary>A shell of the Bourne, C or fish kind.</summary>
    Posix,

    /// <summary>cmd, PowerShell, network gear: every line is opaque.</summary>
    Other,
}

/// <summary>Exec lines → facts: one effect for each command of the line, or one that is opaque. Never throws.</summary>
public static class ExecReader
{
    /// <param name="line">The bytes of the exec request.</param>
    /// <param name="shell">What reads them at the target.</param>
    public static SshFacts Read(ReadOnlySpan<byte> line, TargetShell shell = TargetShell.Posix)
    {
        var text = line.Length <= ShellLine.LongestLine ? ShellLine.Decode(line) : null;
        string? objection;
        if (shell == TargetShell.Other)
            objection = "the target has no POSIX shell";
        else if (ShellLine.TryRead(line, out var commands, out objection))
        {
            // Beside other commands nobody would look at what it is asked.
            if (commands.Length == 1 || commands.All(static c => c.Use != CommandUse.Sftp))
                return SshFacts.OfLine([.. commands.Select(c => ArgumentReader.EffectOf(c, text))], commands);
            objection = "an SFTP server beside other commands";
        }
        return SshFacts.OfLine([new Effect(EffectKind.Opaque, SshVerbs.Exec) { Detail = objection, Line = text }], []);
    }
}
