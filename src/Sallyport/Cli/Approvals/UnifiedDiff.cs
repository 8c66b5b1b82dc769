using DiffPlex.DiffBuilder;
using DiffPlex.DiffBuilder.Model;
using Sallyport.Core;

namespace Sallyport.Cli.Approvals;

/// <summary>Two texts as one page: <c>-</c> goes, <c>+</c> comes. Commands are short, so all lines are shown.</summary>
internal static class UnifiedDiff
{
    public static void Print(CliContext cli, string before, string after)
    {
        cli.Out.WriteLine("--- asked");
        cli.Out.WriteLine("+++ yours");
        foreach (var line in InlineDiffBuilder.Diff(before, after, ignoreWhiteSpace: false).Lines)
            cli.Out.WriteLine($"{Sign(line.Type)} {SafeText.Escape(line.Text)}");
    }

    private static char Sign(ChangeType type) => type switch
    {
        ChangeType.Inserted => '+',
        ChangeType.Deleted => '-',
        _ => ' ',
    };
}
