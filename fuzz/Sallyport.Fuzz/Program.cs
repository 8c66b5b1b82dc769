using Sallyport.Fuzz;
using Sallyport.Fuzz.Targets;

IFuzzTarget[] targets =
[
    new StartupPacketTarget(), new MessageFrameTarget(), new ClientViewTarget(), new DiagnosticMaskerTarget(), new RowMaskerTarget(),
    new StreamingRowTarget(), new CopyMaskerTarget(), new AnswerReaderTarget(),
];
var options = FuzzOptions.Parse(args);
var chosen = targets.Where(target => options is not null && (options.Target == "all" || options.Target == target.Name)).ToArray();
if (options is null || chosen.Length == 0)
{
    Console.Error.WriteLine($"usage: <{string.Join('|', targets.Select(target => target.Name))}|all> [--iterations N] [--seed S]");
    return 64;
}

var found = 0;
foreach (var target in chosen)
    found += Fuzzer.Run(target, options, Console.Out);
return found == 0 ? 0 : 1;
