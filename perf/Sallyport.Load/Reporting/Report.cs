using System.Globalization;
using System.Text;
using Sallyport.Load.Measuring;

namespace Sallyport.Load.Reporting;

/// <summary>The tables of a run, in Markdown.</summary>
public static class Report
{
    /// <summary>What others are compared with, where it was measured.</summary>
    public static readonly string[] Bases = ["direct", "splice", "haproxy", "pgbouncer"];

    /// <summary>Whether a subject is the gateway, in whichever configuration.</summary>
    public static bool IsGateway(string subject) => subject.StartsWith("gateway", StringComparison.Ordinal);

    public static IEnumerable<string> Gateways(Results results) => results.Subjects.Where(IsGateway);

    /// <summary>The whole report: what ran where, how the gateway stands, what changed, and every table.</summary>
    public static string Whole(Results results, Machine machine, LoadOptions options, IReadOnlyCollection<string> changes)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# Load, {machine.Date:yyyy-MM-dd HH:mm} UTC, {machine.Commit}\n\n");
        text.Append(CultureInfo.InvariantCulture,
            $"{machine.Processor}; load {machine.LoadBefore:F1} before; {options.Rounds} rounds of {options.Window.TotalSeconds} s.\n");
        if (options.IsQuick)
            text.Append("**A quick run: it shows that everything runs, not how fast.**\n");
        foreach (var note in results.Notes)
            text.Append(CultureInfo.InvariantCulture, $"- {note}\n");
        text.Append("\n## The gateway\n").Append(Summary(results));
        text.Append("\n## Against the history\n\n")
            .AppendJoin("", changes.DefaultIfEmpty("Nothing to compare with.").Select(line => $"- {line}\n"));
        return text.Append("\n## Every metric\n").Append(Tables(results)).ToString();
    }

    /// <summary>One line per metric: the gateway's median and its ratios.</summary>
    public static string Summary(Results results)
    {
        var bases = Bases.Where(results.Subjects.Contains).ToList();
        var text = new StringBuilder("\n| metric | |").AppendJoin("", bases.Select(name => $" / {name} |")).AppendLine();
        text.Append("|---|---|").AppendJoin("", bases.Select(_ => "---|")).AppendLine();
        foreach (var metric in results.Metrics)
        {
            foreach (var subject in Gateways(results).Where(subject => results.Median(metric, subject) is not null))
            {
                text.Append(CultureInfo.InvariantCulture, $"| {metric.Name}{subject["gateway".Length..]} |");
                text.Append(CultureInfo.InvariantCulture, $" {Number(results.Median(metric, subject)!.Value, metric)} {metric.Unit} |");
                text.AppendJoin("", bases.Select(name => $" {Ratio(results.Ratio(metric, subject, name))} |")).AppendLine();
            }
        }

        return text.ToString();
    }

    /// <summary>One table per metric: the median, and the median over rounds of the ratio to each base in the same round.</summary>
    public static string Tables(Results results)
    {
        var text = new StringBuilder();
        foreach (var metric in results.Metrics)
        {
            var subjects = results.Subjects.Where(subject => results.Median(metric, subject) is not null).ToList();
            var bases = Bases.Where(subjects.Contains).ToList();
            text.Append(CultureInfo.InvariantCulture, $"\n### {metric.Name} ({metric.Unit})\n\n| subject | median |");
            text.AppendJoin("", bases.Select(name => $" / {name} |")).AppendLine();
            text.Append("|---|---|").AppendJoin("", bases.Select(_ => "---|")).AppendLine();
            foreach (var subject in subjects)
            {
                text.Append(CultureInfo.InvariantCulture, $"| {subject} | {Number(results.Median(metric, subject)!.Value, metric)} |");
                text.AppendJoin("", bases.Select(name => $" {Ratio(results.Ratio(metric, subject, name))} |")).AppendLine();
            }
        }

        return text.ToString();
    }

    private static string Number(double value, Metric metric) => value.ToString("F" + metric.Decimals, CultureInfo.InvariantCulture);

    private static string Ratio(double? ratio) => ratio?.ToString("F2", CultureInfo.InvariantCulture) ?? "-";
}
