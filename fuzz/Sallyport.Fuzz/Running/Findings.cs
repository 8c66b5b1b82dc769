using System.Text.RegularExpressions;

namespace Sallyport.Fuzz;

/// <summary>The inputs that broke a promise, one for each way to break it, with what repeats them.</summary>
internal sealed partial class Findings(string target, InputFolder folder, TextWriter report)
{
    private const int Most = 50;

    private readonly HashSet<string> _known = [];

    public int Count => _known.Count;

    public void Add(byte[] input, Exception broken)
    {
        var frames = broken.StackTrace?.Split('\n') ?? [];
        var where = frames.FirstOrDefault(static frame => frame.Contains("Sallyport", StringComparison.Ordinal)) ?? "";
        if (_known.Count == Most || !_known.Add($"{broken.GetType()} {Number().Replace(broken.Message, "0")} {where}"))
            return;
        var file = folder.Write(input);
        report.WriteLine($"{target}: {broken.GetType().Name}: {broken.Message}");
        report.WriteLine($"  again: fuzz/run repeat {target} {Path.GetRelativePath(Environment.CurrentDirectory, file)}");
        File.WriteAllText(file + ".txt", $"{broken}\n");
    }

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Number();
}
