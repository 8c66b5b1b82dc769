using System.Runtime.CompilerServices;

namespace Sallyport.Fuzz.Tests;

/// <summary>
/// Every target, from its kept corpus and one seed on, for two seconds: not to find much, but so that no change breaks what fuzzing has
/// shown to hold. The long runs are fuzz/run's.
/// </summary>
public sealed class ShortRunTests
{
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(2);

    public static TheoryData<string> Targets => [.. FuzzTargets.All.Select(static target => target.Name)];

    [Theory]
    [MemberData(nameof(Targets))]
    public void EveryPromiseHolds(string target)
    {
        var report = new StringWriter();
        var work = Directory.CreateTempSubdirectory("sallyport-fuzz-");
        try
        {
            var options = new FuzzOptions(target) { Time = Time, Kept = KeptCorpora(), Work = work.FullName };
            using var fuzzer = new Fuzzer(FuzzTargets.Find(target)!, options, report);
            Assert.True(SmallStack.Run(fuzzer.Run) == 0, report.ToString());
        }
        finally
        {
            work.Delete(recursive: true);
        }
    }

    private static string KeptCorpora([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../fuzz/corpus"));
}
