using System.Security.Cryptography;
using System.Text;
using Sallyport.Core;
using Sallyport.Ssh.Sftp;
using static Sallyport.Ssh.Tests.Sftp.SftpPackets;

namespace Sallyport.Ssh.Tests.Sftp;

public sealed class SftpInspectorTests
{
    private const string Refusal = "Not that one.";

    /// <summary>Feeds an inspector; whatever names a secret is refused.</summary>
    private sealed class Channel : IDisposable
    {
        public SftpInspector Inspector { get; } = new();

        public List<byte> ToTarget { get; } = [];

        public List<byte> ToClient { get; } = [];

        public List<string> Asked { get; } = [];

        public bool Client(byte[] bytes)
        {
            for (ReadOnlySpan<byte> input = bytes; ;)
            {
                var step = Inspector.NextRequest(input, out var consumed, out var forward);
                ToTarget.AddRange(forward);
                input = input[consumed..];
                if (step == SftpStep.Decide)
                    Decide();
                else if (step is not SftpStep.Forward)
                    return step == SftpStep.NeedInput && input.IsEmpty && Target([]);
            }
        }

        public bool Target(byte[] bytes)
        {
            for (ReadOnlySpan<byte> input = bytes; ;)
            {
                var step = Inspector.NextAnswer(input, out var consumed, out var forward);
                ToClient.AddRange(forward);
                input = input[consumed..];
                if (step is not SftpStep.Forward)
                    return step == SftpStep.NeedInput && input.IsEmpty;
            }
        }

        public Channel Begin()
        {
            Assert.True(Client(Init) && Target(VersionAnswer));
            ToTarget.Clear();
            ToClient.Clear();
            return this;
        }

        public Channel With(string path, uint flags, string handle)
        {
            Assert.True(Client(Open(1, path, flags)) && Target(Handle(1, handle)));
            ToTarget.Clear();
            ToClient.Clear();
            return this;
        }

        public void Dispose() => Inspector.Dispose();

        private void Decide()
        {
            Asked.Add(Inspector.Pending!.Text);
            if (Inspector.Pending.Text.Contains("secret", StringComparison.Ordinal))
                Inspector.Refuse(Refusal);
            else
                Inspector.Permit();
        }
    }

    private static readonly byte[] Content = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 40).Select(static i => $"line {i}\n")));

    private static readonly (bool FromClient, byte[] Bytes)[] Session =
    [
        (true, Init), (false, VersionAnswer),
        (true, [.. OnPath(SftpType.RealPath, 1, "."), .. Open(2, "/srv/a", 3), .. Open(3, "/srv/secret", 1), .. OnPath(SftpType.Remove, 4, "/srv/secret")]),
        (false, [.. Status(1, SftpStatus.Ok), .. Handle(2, "h2")]),
        (true,
        [
            .. Write(5, "h2", 0, Content[..100]), .. Write(6, "h2", 100, Content[100..]), .. Write(7, "no", 0, Content), .. Read(8, "h2", 0, 50),
            .. Packet((SftpType)77, static w => w.UInt32(9).String("x")), .. Read(10, "h2", 50, 1000), .. Extended(11, "evil@example", "x"),
            .. OnHandle(SftpType.FStat, 12, "h2"), .. OnPaths(SftpType.Rename, 13, "/srv/a", "/srv/b"),
        ]),
        (false,
        [
            .. Status(5, SftpStatus.Ok), .. Data(8, Content[..50]), .. Status(6, SftpStatus.Ok), .. Data(10, Content[50..]),
            .. Packet(SftpType.Attrs, static w => w.UInt32(12).UInt32(0)), .. Status(13, SftpStatus.Ok),
        ]),
        (true, OnHandle(SftpType.Close, 14, "h2")), (false, Status(14, SftpStatus.Ok)),
    ];

    private static (string ToTarget, string ToClient, string Also) Run(Func<int, byte[], IEnumerable<byte[]>> cut)
    {
        using var channel = new Channel();
        for (var i = 0; i < Session.Length; i++)
        {
            foreach (var piece in cut(i, Session[i].Bytes))
                Assert.True(Session[i].FromClient ? channel.Client(piece) : channel.Target(piece), channel.Inspector.Fault);
        }
        Assert.True(channel.Inspector.TryTakeTransfer(out var transfer));
        return (Convert.ToHexString([.. channel.ToTarget]), Sorted(channel.ToClient), $"{transfer} {string.Join(", ", channel.Asked)}");
    }

    /// <summary>Where a refusal comes between the target's packets depends on the cut; the packets do not.</summary>
    private static string Sorted(List<byte> bytes)
    {
        var packets = new List<string>();
        for (ReadOnlySpan<byte> rest = bytes.ToArray(); !rest.IsEmpty;)
        {
            var length = (rest[0] << 24) + (rest[1] << 16) + (rest[2] << 8) + rest[3] + 4;
            packets.Add(Convert.ToHexString(rest[..length]));
            rest = rest[length..];
        }
        return string.Join('\n', packets.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void ASessionIsTheSameHoweverItIsCut()
    {
        var whole = Run(static (_, bytes) => [bytes]);
        Assert.Contains("sftp_read+sftp_write /srv/a, sftp_read /srv/secret, sftp_remove /srv/secret, sftp_rename /srv/a /srv/b", whole.Also, StringComparison.Ordinal);
        for (var part = 0; part < Session.Length; part++)
        {
            for (var at = 0; at <= Session[part].Bytes.Length; at++)
                Assert.Equal(whole, Run((i, bytes) => i == part ? [bytes[..at], bytes[at..]] : [bytes]));
        }
        Assert.Equal(whole, Run(static (_, bytes) => bytes.Select(static b => new[] { b })));
    }

    [Fact]
    public void WhatIsRefusedIsAnsweredWithItsIdAndNeverForwarded()
    {
        using var channel = new Channel().Begin();
        Assert.True(channel.Client([.. OnPath(SftpType.Stat, 7, "/a"), .. OnPath(SftpType.Remove, 8, "/secret"), .. OnPath(SftpType.Stat, 9, "/b")]));
        Assert.Equal([.. OnPath(SftpType.Stat, 7, "/a"), .. OnPath(SftpType.Stat, 9, "/b")], channel.ToTarget);
        Assert.Equal(Status(8, SftpStatus.PermissionDenied, Refusal), channel.ToClient);
    }

    [Fact]
    public void ARefusalDoesNotCutAPacketOfTheTarget()
    {
        using var channel = new Channel().Begin().With("/a", 1, "h");
        Assert.True(channel.Client(Read(2, "h", 0, 1000)));
        var data = Data(2, Content);
        Assert.True(channel.Target(data[..100]));
        Assert.True(channel.Client(OnPath(SftpType.Remove, 3, "/secret")));
        Assert.True(channel.Target(data[100..]));
        Assert.Equal([.. data, .. Status(3, SftpStatus.PermissionDenied, Refusal)], channel.ToClient);
    }

    [Fact]
    public void AHeldOperationStopsRequestsAndNotAnswers()
    {
        using var channel = new Channel().Begin().With("/a", 1, "h");
        Assert.True(channel.Client(Read(2, "h", 0, 10)));
        byte[] requests = [.. OnPath(SftpType.Remove, 3, "/x"), .. Read(4, "h", 10, 10)];
        Assert.Equal(SftpStep.Decide, channel.Inspector.NextRequest(requests, out var consumed, out _));
        Assert.Equal(SftpStep.Decide, channel.Inspector.NextRequest(requests.AsSpan(consumed), out var more, out _));
        Assert.Equal(0, more);
        Assert.True(channel.Target(Data(2, Content[..10])));
        channel.ToTarget.Clear();
        channel.Inspector.Permit();
        Assert.True(channel.Client(requests[consumed..]));
        Assert.Equal(requests, channel.ToTarget);
    }

    [Theory]
    [InlineData(1u, "sftp_read")]
    [InlineData(0u, "sftp_read")]
    [InlineData(2u, "sftp_write")]
    [InlineData(3u, "sftp_read+sftp_write")]
    [InlineData(9u, "sftp_read+sftp_write")]
    [InlineData(8u, "sftp_read+sftp_write")]
    [InlineData(17u, "sftp_read+sftp_write")]
    [InlineData(26u, "sftp_write")]
    public void OpenIsWhatItsFlagsSay(uint flags, string verb)
    {
        using var channel = new Channel().Begin();
        channel.Client(Open(1, "/a", flags));
        Assert.Equal($"{verb} /a", Assert.Single(channel.Asked));
    }

    public static TheoryData<byte[], string> Requests => new()
    {
        { OnPath(SftpType.OpenDir, 1, "/a/./b/../c//"), "sftp_list /a/c" },
        { OnPath(SftpType.MkDir, 1, "x"), "sftp_mkdir x" },
        { OnPath(SftpType.RmDir, 1, ""), "sftp_remove ." },
        { OnPath(SftpType.SetStat, 1, "/a"), "sftp_setstat /a" },
        { OnPath(SftpType.RealPath, 1, "/a"), "sftp_list /a" },
        { OnPaths(SftpType.Symlink, 1, "../../etc/shadow", "/srv/up/link"), "sftp_symlink /etc/shadow /srv/up/link" },
        { Packet(SftpType.Extended, static w => w.UInt32(1).String("hardlink@openssh.com").String("/etc/shadow").String("/srv/x")), "sftp_symlink /etc/shadow /srv/x" },
        { Packet(SftpType.Extended, static w => w.UInt32(1).String("posix-rename@openssh.com").String("/a").String("/b")), "sftp_rename /a /b" },
        { Extended(1, "statvfs@openssh.com", "/a"), "sftp_list /a" },
        { Extended(1, "lsetstat@openssh.com", "/a"), "sftp_setstat /a" },
        { Extended(1, "expand-path@openssh.com", "~root"), "sftp_list" },
        { Extended(1, "home-directory", "root"), "sftp_list" },
        { Extended(1, "users-groups-by-id@openssh.com", "root"), "sftp_list" },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public void EachRequestIsDecidedByWhatItDoes(byte[] request, string asked)
    {
        using var channel = new Channel().Begin();
        Assert.True(channel.Client(request));
        Assert.Equal(asked, Assert.Single(channel.Asked));
    }

    [Fact]
    public void ALaterSetstatOnAHandleIsDecidedByItsPath()
    {
        using var channel = new Channel().Begin().With("/a", 1, "h");
        Assert.True(channel.Client(OnHandle(SftpType.FSetStat, 2, "h")));
        Assert.Equal("sftp_setstat /a", channel.Asked[^1]);
    }

    [Theory]
    [InlineData("../../x", EffectKind.Read, "../../x")]
    [InlineData("/srv/../../x", EffectKind.Read, "/x")]
    [InlineData("a\nb\u001b[2J", EffectKind.Read, "a\nb\u001b[2J")]
    [InlineData("C:\\x", EffectKind.Opaque, null)]
    [InlineData("..\\..\\x", EffectKind.Opaque, null)]
    [InlineData("/a\0/b", EffectKind.Opaque, null)]
    public void Threat50_OddNamesAreSaidExactlyOrOpaque(string path, EffectKind kind, string? name)
    {
        using var inspector = new SftpInspector();
        inspector.NextRequest(Init, out _, out _);
        Assert.Equal(SftpStep.Decide, inspector.NextRequest(Open(1, path, 1), out _, out _));
        var effect = Assert.Single(inspector.Pending!.Facts.Effects);
        Assert.Equal((kind, name), (effect.Kind, effect.Objects.FirstOrDefault()?.Name));
        Assert.DoesNotContain(inspector.Pending.Text, char.IsControl);
    }

    [Fact]
    public void Threat50_ATooLongPathIsOpaque()
    {
        using var inspector = new SftpInspector();
        inspector.NextRequest(Init, out _, out _);
        inspector.NextRequest(OnPath(SftpType.Stat, 1, new string('a', 5000)), out _, out _);
        Assert.True(inspector.Pending!.Facts.IsOpaque);
    }

    [Fact]
    public void WhatWentThroughAFileIsReportedWhenItIsClosed()
    {
        using var channel = new Channel().Begin().With("/srv/a", 3, "h");
        Assert.True(channel.Client([.. Write(2, "h", 0, Content), .. Read(3, "h", 5, 10), .. OnHandle(SftpType.Close, 4, "h")]));
        Assert.True(channel.Target([.. Status(2, SftpStatus.Ok), .. Data(3, Content[5..15])]));
        Assert.False(channel.Inspector.TryTakeTransfer(out _));
        Assert.True(channel.Target(Status(4, SftpStatus.Ok)));
        Assert.True(channel.Inspector.TryTakeTransfer(out var transfer));
        Assert.Equal(new SftpTransfer("/srv/a", 10, Content.Length, null, Convert.ToHexStringLower(SHA256.HashData(Content)), true), transfer);
    }

    [Fact]
    public void AWriteThatFailedLeavesNoHash()
    {
        using var channel = new Channel().Begin().With("/a", 2, "h");
        channel.Client([.. Write(2, "h", 0, Content), .. OnHandle(SftpType.Close, 3, "h")]);
        channel.Target([.. Status(2, SftpStatus.Failure), .. Status(3, SftpStatus.Ok)]);
        Assert.True(channel.Inspector.TryTakeTransfer(out var transfer));
        Assert.Null(transfer!.WrittenSha256);
    }

    [Fact]
    public void AFileThatIsOpenAtTheEndIsReportedAsNotClosed()
    {
        using var channel = new Channel().Begin().With("/a\u001b", 2, "h");
        channel.Client(Write(2, "h", 0, Content));
        channel.Inspector.End();
        Assert.True(channel.Inspector.TryTakeTransfer(out var transfer));
        Assert.Equal(("/a\\e", Content.Length, false), (transfer!.Path, transfer.BytesWritten, transfer.IsClosed));
    }

    [Theory]
    [InlineData("00000005010000000300000005010000000300")] // twice INIT
    [InlineData("000000050100000002")] // version 2
    [InlineData("0000000d0d00000001000000047365637200")] // no INIT
    [InlineData("ffffffff01")]
    [InlineData("0000000001")]
    [InlineData("0004040101")] // 257 KiB + 1
    public void ClientsThatBreakTheProtocolAreEnded(string hex)
    {
        using var channel = new Channel();
        Assert.False(channel.Client(Convert.FromHexString(hex)));
        Assert.NotNull(channel.Inspector.Fault);
    }

    public static TheoryData<byte[]> BrokenRequests =>
    [
        [0, 0, 0, 2, 4, 0],
        [.. OnPath(SftpType.Stat, 1, "/a"), .. OnPath(SftpType.Stat, 1, "/a")],
        [0, 0, 0, 30, (byte)SftpType.Write, 0, 0, 0, 1, 0, 0, 0, 1, (byte)'h', .. new byte[8], 0, 0, 0, 9, 1, 2, 3, 4],
    ];

    [Theory]
    [MemberData(nameof(BrokenRequests))]
    public void RequestsThatContradictThemselvesEndTheChannel(byte[] requests)
    {
        using var channel = new Channel().Begin();
        Assert.False(channel.Client(requests));
    }

    public static TheoryData<byte[]> BrokenAnswers =>
    [
        Status(99, SftpStatus.Ok),
        Data(1, [1]),
        Handle(2, "h"),
        Handle(1, new string('h', 257)),
        Packet(SftpType.Name, static w => w.UInt32(1).UInt32(0)),
        Packet(SftpType.Data, static w => w.UInt32(2).UInt32(5).Byte(1)),
        VersionAnswer,
        (byte[])[255, 255, 255, 255, 1],
    ];

    [Theory]
    [MemberData(nameof(BrokenAnswers))]
    public void TargetsThatBreakTheProtocolAreEnded(byte[] answer)
    {
        using var channel = new Channel().Begin().With("/a", 1, "x");
        channel.Client([.. Open(1, "/b", 1), .. Read(2, "x", 0, 10)]);
        Assert.False(channel.Target(answer));
        Assert.Empty(channel.ToClient);
    }

    /// <summary>In pieces it once took the byte behind the length to see what the length said.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void ALengthThatNoPacketHasEndsTheChannelHoweverItIsCut(int cut)
    {
        byte[] length = [255, 255, 255, 255];
        using var client = new Channel().Begin();
        Assert.False(client.Client(length[..cut]) && client.Client(length[cut..]));
        using var target = new Channel().Begin();
        Assert.False(target.Target(length[..cut]) && target.Target(length[cut..]));
    }

    [Fact]
    public void ExtensionsThatAreNotLetThroughAreNotAnnounced()
    {
        using var channel = new Channel();
        Assert.True(channel.Client(Packet(SftpType.Init, static w => w.UInt32(6).String("x").String("y"))) && channel.Target(VersionAnswer));
        Assert.Equal(Init, channel.ToTarget);
        Assert.Equal(Packet(SftpType.Version, static w => w.UInt32(3).String("limits@openssh.com").String("1")), channel.ToClient);
    }

    [Fact]
    public void DataIsForwardedAsSlicesAndAllocatesNothing()
    {
        using var channel = new Channel().Begin().With("/a", 3, "h");
        var inspector = channel.Inspector;
        byte[][] requests = [Read(2, "h", 0, 32768), Write(3, "h", 0, new byte[32768])];
        byte[][] answers = [Data(2, new byte[32768]), Status(3, SftpStatus.Ok)];
        Turn();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            Turn();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Turn()
        {
            for (var i = 0; i < 2; i++)
            {
                var step = inspector.NextRequest(requests[i], out var consumed, out var forward);
                if (step != SftpStep.Forward || consumed != requests[i].Length || !forward.Overlaps(requests[i]) || forward.Length != consumed)
                    throw new InvalidOperationException("a request is not forwarded as it is");
                step = inspector.NextAnswer(answers[i], out consumed, out forward);
                if (step != SftpStep.Forward || consumed != answers[i].Length || !forward.Overlaps(answers[i]))
                    throw new InvalidOperationException("an answer is not forwarded as it is");
            }
        }
    }
}
