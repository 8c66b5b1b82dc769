using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Transport.Kex;

/// <summary>SSH_MSG_KEXINIT (RFC 4253 §7.1): what a side offers.</summary>
internal sealed record KexInit
{
    public const string StrictClient = "kex-strict-c-v00@openssh.com";
    public const string StrictServer = "kex-strict-s-v00@openssh.com";
    public const string ExtInfoClient = "ext-info-c";
    public const string ExtInfoServer = "ext-info-s";

    private const int CookieLength = 16;
    private const int Lists = 10;

    public required IReadOnlyList<string> Kex { get; init; }

    public required IReadOnlyList<string> HostKeys { get; init; }

    public required IReadOnlyList<string> CiphersToServer { get; init; }

    public required IReadOnlyList<string> CiphersToClient { get; init; }

    public required IReadOnlyList<string> MacsToServer { get; init; }

    public required IReadOnlyList<string> MacsToClient { get; init; }

    public required IReadOnlyList<string> CompressionToServer { get; init; }

    public required IReadOnlyList<string> CompressionToClient { get; init; }

    /// <summary>A guessed message follows without waiting for the other side's KEXINIT.</summary>
    public bool FirstKexPacketFollows { get; init; }

    /// <summary>The message, as it goes into the exchange hash.</summary>
    public byte[] Payload { get; private init; } = [];

    /// <summary>What this side offers.</summary>
    /// <param name="options">The lists.</param>
    /// <param name="isFirst">Only the first tells of extensions.</param>
    public static KexInit Own(SshTransportOptions options, bool isFirst)
    {
        var isServer = options.Role == SshRole.Server;
        IReadOnlyList<string> hostKeys = isServer
            ? [.. options.HostKeys.SelectMany(k => k.Algorithms).Distinct()]
            : options.HostKeyVerifier!.Algorithms;
        string[] extensions = !isFirst ? []
            : !options.IsStrictOffered ? [isServer ? ExtInfoServer : ExtInfoClient]
            : isServer ? [ExtInfoServer, StrictServer]
            : [ExtInfoClient, StrictClient];
        string[] none = ["none"];
        var init = new KexInit
        {
            Kex = [.. options.Kex, .. extensions],
            HostKeys = hostKeys,
            CiphersToServer = options.Ciphers,
            CiphersToClient = options.Ciphers,
            MacsToServer = options.Macs,
            MacsToClient = options.Macs,
            CompressionToServer = none,
            CompressionToClient = none,
            FirstKexPacketFollows = options.IsGuessAnnounced,
        };
        return init with { Payload = init.ToPayload() };
    }

    /// <summary>False: not the message of RFC 4253 §7.1, with nothing before and nothing after.</summary>
    public static bool TryParse(ReadOnlySpan<byte> payload, [NotNullWhen(true)] out KexInit? init)
    {
        init = null;
        var reader = new SshReader(payload);
        if (!reader.TryReadMessageNumber(out var number) || number != MessageNumber.KexInit || !reader.TryReadBytes(CookieLength, out _))
            return false;
        var lists = new IReadOnlyList<string>[Lists];
        for (var i = 0; i < Lists; i++)
        {
            if (!TryReadNames(ref reader, out lists[i]))
                return false;
        }
        if (!reader.TryReadBoolean(out var follows) || !reader.TryReadUInt32(out _) || !reader.IsAtEnd)
            return false;
        init = new KexInit
        {
            Kex = lists[0],
            HostKeys = lists[1],
            CiphersToServer = lists[2],
            CiphersToClient = lists[3],
            MacsToServer = lists[4],
            MacsToClient = lists[5],
            CompressionToServer = lists[6],
            CompressionToClient = lists[7],
            FirstKexPacketFollows = follows,
            Payload = payload.ToArray(),
        };
        return true;
    }

    /// <summary>The message with a fresh cookie.</summary>
    public byte[] ToPayload()
    {
        Span<byte> cookie = stackalloc byte[CookieLength];
        RandomNumberGenerator.Fill(cookie);
        var writer = new SshWriter(1024).Begin(MessageNumber.KexInit).Bytes(cookie);
        foreach (var list in (IReadOnlyList<string>[])
            [Kex, HostKeys, CiphersToServer, CiphersToClient, MacsToServer, MacsToClient, CompressionToServer, CompressionToClient, [], []])
            writer.String(string.Join(',', list));
        return writer.Boolean(FirstKexPacketFollows).UInt32(0).Written.ToArray();
    }

    /// <summary>A name-list (RFC 4251 §5): printable US-ASCII, no empty name.</summary>
    private static bool TryReadNames(ref SshReader reader, out IReadOnlyList<string> names)
    {
        names = [];
        if (!reader.TryReadString(out var list) || list.ContainsAnyExceptInRange((byte)0x21, (byte)0x7e))
            return false;
        if (list.IsEmpty)
            return true;
        names = Encoding.ASCII.GetString(list).Split(',');
        return !names.Contains("");
    }
}
