using System.Collections.Immutable;

namespace Sallyport.Ssh.Commands;

/// <summary>
/// What is asked on an SSH connection: an exec line, a shell, an SFTP operation, a forwarding. <see cref="Facts.Effects"/> is what policy
/// decides on. Immutable but for the decider's memo.
/// </summary>
public sealed class SshFacts : Facts
{
    private SshFacts(ImmutableArray<Effect> effects)
        : base(effects)
    {
    }

    /// <summary>An interactive shell (<c>shell</c>, with a terminal or without).</summary>
    public static SshFacts Shell { get; } = new([new Effect(SshVerbs.KindOf(SshVerbs.Shell), SshVerbs.Shell)]);

    /// <summary>
    /// The subsystem <c>sftp</c>: opened by whoever may do anything there, each operation is decided by itself
    /// (<see cref="Sftp.SftpInspector"/>).
    /// </summary>
    public static SshFacts SftpSubsystem { get; } = new([]) { SpeaksSftp = true, CarriesFiles = true };

    /// <summary>The commands of an exec line, when all of them are certain.</summary>
    public ImmutableArray<ShellCommand> Commands { get; private init; } = [];

    /// <summary>The channel speaks SFTP, so it must be inspected.</summary>
    public bool SpeaksSftp { get; private init; }

    /// <summary>The channel carries files (scp, rsync, git, SFTP): its bytes are not text and are not masked.</summary>
    public bool CarriesFiles { get; private init; }

    /// <summary>A connection from the client's side through the target (<c>direct-tcpip</c>, <c>ssh -L</c>, <c>-D</c>, <c>-W</c>).</summary>
    public static SshFacts ForwardLocal(string host, int port) => Forward(SshVerbs.ForwardLocal, host, port);

    /// <summary>A port of the target that leads back to the client (<c>tcpip-forward</c>, <c>ssh -R</c>).</summary>
    public static SshFacts ForwardRemote(string bindAddress, int port) =>
        Forward(SshVerbs.ForwardRemote, bindAddress.Length == 0 ? "*" : bindAddress, port);

    /// <summary>A subsystem that is not known here: what it does cannot be read.</summary>
    internal static SshFacts Unknown(ReadOnlySpan<byte> request) => new(
        [new Effect(EffectKind.Opaque, SshVerbs.Exec) { Detail = "an unknown subsystem", Line = ShellLine.Decode(request) }]);

    internal static SshFacts OfLine(ImmutableArray<Effect> effects, ImmutableArray<ShellCommand> commands)
    {
        var speaksSftp = commands is [{ Use: CommandUse.Sftp }];
        var files = speaksSftp || (commands.Length == 1 && commands[0].Use != CommandUse.Other);
        return new SshFacts(effects) { Commands = commands, SpeaksSftp = speaksSftp, CarriesFiles = files };
    }

    /// <summary>One SFTP operation. A path that is not UTF-8, or too long to be one, makes it opaque.</summary>
    internal static SshFacts OfOperation(ImmutableArray<Effect> effects) => new(effects);

    private static SshFacts Forward(string verb, string host, int port)
    {
        var destination = new EffectObject(ObjectType.Destination, "", DestinationPattern.Spell(host, port));
        return new SshFacts([new Effect(SshVerbs.KindOf(verb), verb) { Objects = [destination] }]);
    }
}
