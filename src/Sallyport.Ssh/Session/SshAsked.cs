using System.Runtime.CompilerServices;
using System.Text;
using Sallyport.Ssh.Channels;
using Sallyport.Ssh.Commands;

namespace Sallyport.Ssh.Session;

/// <summary>What an SSH client asks, with the verdict on it.</summary>
/// <param name="Text">The exact line, or the operation in words.</param>
/// <param name="Facts">What it does.</param>
/// <param name="Verdict">What was decided.</param>
/// <param name="Channel">Where it was asked; null for what belongs to the whole connection.</param>
internal sealed record SshAsked(ReadOnlyMemory<byte> Text, SshFacts Facts, Decision Verdict, Channel? Channel) : AskedCommand(Text, Verdict)
{
    public override string Shape => CommandShape.Of(Facts);

    /// <summary>What it does belongs to it: the line <c>sftp_remove /srv/a</c> is another thing than that operation.</summary>
    public override void AddTo(CommandHash hash)
    {
        base.AddTo(hash);
        foreach (var effect in Facts.Effects)
            hash.AddParameter(0, 0, Encoding.UTF8.GetBytes(effect.Verb));
    }

    /// <summary>The number that it was last recorded under; the same place in all copies, since others are recorded meanwhile.</summary>
    public StrongBox<ulong> Recorded { get; } = new();

    /// <summary>Reads another text as the same kind of command; null where no other text can take its place.</summary>
    public Func<ReadOnlyMemory<byte>, SshFacts>? Read { get; init; }

    /// <summary>Told when people are asked, so that the client's own reply need not wait for them.</summary>
    public Action? Waits { get; init; }
}
