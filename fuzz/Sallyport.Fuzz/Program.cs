using Sallyport.Fuzz;

switch (args)
{
    case ["list"]:
        foreach (var target in FuzzTargets.All)
            Console.WriteLine(target.Name);
        return 0;
    case ["instrument", var folder]:
        Instrumentation.Apply(folder);
        return 0;
    case ["repeat", var name, var file] when FuzzTargets.Find(name) is { } target:
        var broken = SmallStack.Run(() => Execution.Run(target, File.ReadAllBytes(file)));
        Console.WriteLine(broken?.ToString() ?? "all promises hold");
        return broken is null ? 0 : 1;
    case ["died", .. var rest] when FuzzOptions.Parse(rest) is { } died:
        return Crash.Report(died, Console.Out);
    case ["run", .. var rest] when FuzzOptions.Parse(rest) is { } options && FuzzTargets.Find(options.Target) is { } target:
        using (var fuzzer = new Fuzzer(target, options, Console.Out))
            return SmallStack.Run(fuzzer.Run) == 0 ? 0 : 1;
    default:
        Console.Error.WriteLine("usage: fuzz/run [<target>|all] [--seconds N] [--jobs N] [--seed N] [--minimise]");
        Console.Error.WriteLine("       fuzz/run repeat <target> <file>");
        Console.Error.WriteLine($"targets: {string.Join(' ', FuzzTargets.All.Select(static target => target.Name))}");
        return 64;
}
