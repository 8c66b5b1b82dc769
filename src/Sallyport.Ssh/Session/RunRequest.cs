using System.Text;
using Sallyport.Ssh.Commands;

namespace Sallyport.Ssh.Session;

/// <summary>A request that has something run on a channel (RFC 4254 §6.5).</summary>
/// <param name="Name"><c>exec</c>, <c>shell</c> or <c>subsystem</c>.</param>
/// <param name="Argument">The command line, or the subsystem's name; empty for a shell.</param>
/// <param name="WantsReply">The client waits for CHANNEL_SUCCESS or CHANNEL_FAILURE.</param>
internal sealed record RunRequest(string Name, byte[] Argument, bool WantsReply)
{
    private const string Sftp = "sftp";

    public bool IsExec => Name == "exec";

    public bool IsSftpSubsystem => Name == "subsystem" && Argument.AsSpan().SequenceEqual("sftp"u8);

    /// <summary>What records and approvers see: the line itself, or the request in words.</summary>
    public ReadOnlyMemory<byte> Text => IsExec ? Argument : Encoding.UTF8.GetBytes(Name == "shell" ? "shell" : $"subsystem {SafeText.Show(Encoding.UTF8.GetString(Argument))}");

    /// <summary>As the recording names it.</summary>
    public string Kind => IsSftpSubsystem ? Sftp : Name;

    public SshFacts Read(TargetShell shell) => Name switch
    {
        "exec" => ExecReader.Read(Argument, shell),
        "shell" => SshFacts.Shell,
        _ when IsSftpSubsystem => SshFacts.SftpSubsystem,
        _ => SshFacts.Unknown(Text.Span),
    };
}
