using Sallyport.Ssh.Channels;
using Sallyport.Ssh.Tests.Transport.Support;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Tests.Channels;

/// <summary>THREATS 44: what waits for a peer costs what its bytes are, however the sender cut them.</summary>
public sealed class FlowTests
{
    private static Flow Held()
    {
        var flow = new Flow(new Leg(null!), new ChannelEnd(), static _ => { });
        flow.Hold();
        return flow;
    }

    [Fact]
    public void Threat44_AWindowOfOneByteMessagesCostsAFewWindows()
    {
        var flow = Held();
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var i = 0; i < ChannelEnd.Window; i++)
            flow.SendData(0, [(byte)i]);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 * (long)ChannelEnd.Window);
        var waiting = flow.Release();
        Assert.All(waiting, static item => Assert.InRange(item.Bytes.Length, 1, (int)ChannelEnd.MaxPacket));
        byte[] all = [.. waiting.SelectMany(static item => item.Bytes.ToArray())];
        Assert.Equal(ChannelEnd.Window, (uint)all.Length);
        Assert.True(all.Index().All(static b => b.Item == (byte)b.Index));
    }

    [Fact]
    public void WhatWaitsKeepsItsOrderAndItsStreams()
    {
        var flow = Held();

        flow.SendData(0, "a"u8);
        flow.SendData(0, "b"u8);
        flow.SendData(1, "c"u8);
        flow.SendData(0, "d"u8);
        flow.Send(MessageNumber.ChannelRequest, "e"u8);
        flow.SendData(0, "f"u8);

        Assert.Equal(
            ["ChannelData 0 ab", "ChannelExtendedData 1 c", "ChannelData 0 d", "ChannelRequest 0 e", "ChannelData 0 f"],
            flow.Release().Select(static i => $"{i.Number} {i.Type} {System.Text.Encoding.ASCII.GetString(i.Bytes)}"));
    }

    [Fact]
    public void Threat44_FewLongRequestsAreTooManyAsManyShortOnesAre()
    {
        var flow = Held();

        flow.Send(MessageNumber.ChannelRequest, new byte[200_000]);
        Assert.False(flow.IsCrowded);
        flow.Send(MessageNumber.ChannelRequest, new byte[200_000]);
        Assert.True(flow.IsCrowded);
        flow.Release();
        Assert.False(flow.IsCrowded);
    }

    /// <summary>A peer that takes packets of one byte makes fifty bytes of each; they wait as the byte that they carry.</summary>
    [Fact]
    public async Task Threat44_APeerThatTakesOneByteAtATimeIsFlushedBetween()
    {
        const int Size = 100_000;
        await using var pair = await Pair.StartAsync();
        var leg = new Leg(pair.Server);
        var end = new ChannelEnd();
        end.Open(0, window: Size, maxPacket: 1);
        var flow = new Flow(leg, end, static _ => { });
        var before = pair.Server.BytesSent;
        var reading = ReadAsync(pair);

        flow.SendData(0, new byte[Size]);

        Assert.InRange(pair.Server.BytesSent - before, 1, 2 << 20);
        while (!flow.IsEmpty)
        {
            leg.BeginFlush();
            Assert.True(await pair.Server.FlushAsync(default));
            leg.Wake();
        }
        // Not awaited: who has read enough takes nothing more off the pipe.
        var last = pair.Server.FlushAsync(default).AsTask();
        Assert.Equal(Size, await reading);
        Assert.False(last.IsFaulted);

        static async Task<int> ReadAsync(Pair pair)
        {
            var seen = 0;
            while (seen < Size && await pair.Client.ReadAsync(default))
                seen += pair.Client.Message.Length - 9;
            return seen;
        }
    }

    /// <summary>WINDOW_ADJUST and the like go by themselves. A leg that sends nothing else was shut for good after a megabyte of them.</summary>
    [Fact]
    public async Task WhatTheTransportSendsByItselfNeedsNoFlush()
    {
        await using var pair = await Pair.StartAsync();
        var leg = new Leg(pair.Server);
        var message = new SshWriter().Begin(MessageNumber.ChannelData).UInt32(0).String(new byte[32_000]).WrittenMemory;
        for (var i = 0; i < 40; i++)
        {
            var sending = pair.Server.SendAsync(message, default);
            Assert.True(await pair.Client.ReadAsync(default));
            Assert.True(await sending);
        }

        Assert.True(leg.TryWrite([(byte)MessageNumber.ChannelEof, 0, 0, 0, 0], []));
    }
}
