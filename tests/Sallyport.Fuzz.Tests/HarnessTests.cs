using System.Diagnostics;

// The counters of edges and the processor's time are the process's.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Sallyport.Fuzz.Tests;

/// <summary>The fuzzer itself: what is broken is found, kept, and repeats.</summary>
public sealed class HarnessTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sallyport-fuzz-").FullName;
    private readonly StringWriter _report = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void ABrokenPromiseIsFoundAndItsInputRepeatsIt()
    {
        var target = new Target(static input => Promise.Holds(!input.Contains((byte)200), "never 200"));
        Assert.Equal(1, Run(target, iterations: 20_000));
        var file = Assert.Single(Directory.GetFiles(Findings), static file => !file.EndsWith(".txt", StringComparison.Ordinal));
        var found = File.ReadAllBytes(file);
        Assert.Contains((byte)200, found);
        Assert.NotNull(Execution.Run(target, found));
        Assert.Contains("again: fuzz/run repeat test ", _report.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void WhatWasKeptIsRunBeforeAnythingElse()
    {
        new InputFolder(Path.Combine(_folder, "kept", "test")).Write([9]);
        Assert.Equal(1, Run(new Target(static input => Promise.Holds(input is not [9], "never a lone 9")), iterations: 0));
    }

    [Fact]
    public void TooMuchMemoryIsAFinding() =>
        Assert.Equal(1, Run(new Target(static input => GC.KeepAlive(input.Length == 4 ? new byte[65 << 20] : [])), iterations: 0));

    [Fact]
    public void TooMuchTimeIsAFinding()
    {
        Assert.Equal(1, Run(new Target(static _ => Spin(TimeSpan.FromSeconds(1.3))), iterations: 0));
        Assert.Contains("TimeoutException", _report.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void WaitingIsNoWork() => Assert.Equal(0, Run(new Target(static _ => Thread.Sleep(1300)), iterations: 0));

    [Fact]
    public void TheSameSeedMakesTheSameInputs()
    {
        List<string> first = [], second = [], other = [];
        Run(new Target(input => first.Add(Convert.ToHexString(input))), iterations: 300);
        Run(new Target(input => second.Add(Convert.ToHexString(input))), iterations: 300);
        Run(new Target(input => other.Add(Convert.ToHexString(input))), iterations: 300, seed: 2);
        Assert.Equal(first, second);
        Assert.NotEqual(first, other);
    }

    [Fact]
    public void AnInputIsNeverLongerThanTheTargetWants() =>
        Assert.Equal(0, Run(new Target(static input => Promise.Holds(input.Length <= 40, "at most 40 bytes")), iterations: 20_000));

    private string Findings => Path.Combine(_folder, "work", "test", "findings");

    private int Run(IFuzzTarget target, long iterations, int seed = 1)
    {
        var options = new FuzzOptions("test")
        {
            Iterations = iterations,
            Seed = seed,
            Kept = Path.Combine(_folder, "kept"),
            Work = Path.Combine(_folder, "work"),
        };
        using var fuzzer = new Fuzzer(target, options, _report);
        return fuzzer.Run();
    }

    private static void Spin(TimeSpan time)
    {
        var clock = Stopwatch.StartNew();
        var end = Environment.CpuUsage.TotalTime + time;
        while (Environment.CpuUsage.TotalTime < end || clock.Elapsed < time)
            Thread.SpinWait(1000);
    }

    private sealed class Target(Action<byte[]> check) : IFuzzTarget
    {
        public string Name => "test";

        public IReadOnlyList<byte[]> Corpus { get; } = [[1, 2, 3, 4]];

        public IReadOnlyList<byte[]> Tokens { get; } = [[5, 6, 7, 8]];

        public int LongestInput => 40;

        public void Check(byte[] input, Random random) => check(input);
    }
}
