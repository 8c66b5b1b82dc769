namespace Sallyport.Fuzz;

/// <summary>After a run that ended its process: the last input is the finding.</summary>
internal static class Crash
{
    public static int Report(FuzzOptions options, TextWriter report)
    {
        if (LastInput.Read(Fuzzer.LastInputPath(options, options.Target)) is not { } input)
            return 0;
        var file = new InputFolder(Path.Combine(options.Work, options.Target, "findings")).Write(input);
        report.WriteLine($"{options.Target}: the process ended at an input");
        report.WriteLine($"  again: fuzz/run repeat {options.Target} {Path.GetRelativePath(Environment.CurrentDirectory, file)}");
        return 1;
    }
}
