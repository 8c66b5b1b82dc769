using Sallyport.Ssh.Channels;

namespace Sallyport.Ssh.Tests.Channels;

public sealed class WaitingInputTests
{
    [Fact]
    public void WhatWasAddedIsTakenInItsOrder()
    {
        var random = new Random(7);
        var input = new WaitingInput();
        var (added, taken) = (0, 0);
        while (taken < 100_000)
        {
            var more = Enumerable.Range(added, random.Next(40)).Select(static i => (byte)i).ToArray();
            added += more.Length;
            input.Add(more);
            var count = random.Next(Math.Min(40, added - taken) + 1);
            Assert.Equal(Enumerable.Range(taken, count).Select(static i => (byte)i), input.Span[..count].ToArray());
            input.Take(count);
            taken += count;
            Assert.Equal(added == taken, input.IsEmpty);
        }
    }

    /// <summary>A window full of one-byte messages, then of empty lines, was copied whole for each byte.</summary>
    [Fact]
    public void AByteAtATimeCostsWhatItsBytesCost()
    {
        const int Window = 2 * 1024 * 1024;
        var input = new WaitingInput();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Window; i++)
            input.Add("\n"u8);
        for (var i = 0; i < Window - 1; i++)
        {
            input.Take(1);
            input.Add("\n"u8);
        }
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8 * Window);
    }
}
