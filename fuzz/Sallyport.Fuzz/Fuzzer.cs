using System.Diagnostics;

namespace Sallyport.Fuzz;

/// <summary>
/// Feeds a target mutated inputs. Every input has a seed of its own, so that a failure is repeated by
/// <c>--seed</c> of the report and <c>--iterations 1</c>.
/// </summary>
internal static class Fuzzer
{
    private const int FailuresShown = 5;

    /// <summary>How many inputs broke a promise; stops after a few.</summary>
    public static int Run(IFuzzTarget target, FuzzOptions options, TextWriter report)
    {
        var clock = Stopwatch.StartNew();
        var failures = 0;
        var done = 0;
        for (; done < options.Iterations && failures < FailuresShown; done++)
        {
            var seed = unchecked(options.Seed + done);
            var random = new Random(seed);
            var input = Mutator.Next(target.Corpus, random);
            try
            {
                target.Check(input, random);
            }
            catch (Exception broken)
            {
                failures++;
                report.WriteLine($"{target.Name}: {broken.GetType().Name}: {broken.Message}");
                report.WriteLine($"  input {Convert.ToHexStringLower(input)}");
                report.WriteLine($"  again: {target.Name} --iterations 1 --seed {seed}");
                report.WriteLine(broken.StackTrace);
            }
        }
        report.WriteLine($"{target.Name}: {done} inputs, {failures} failures, {clock.Elapsed.TotalSeconds:F1} s");
        return failures;
    }
}
