using System.Globalization;
using System.Text;
using Sallyport.Load.Measuring;

namespace Sallyport.Load.Reporting;

/// <summary>The tables of a run, in Markdown.</summary>
public static class Report
{
    /// <summary>What others are compared with, where it was measured.</summary>
    public static readonly string[] Bases = ["direct", "splice", "haproxy", "pgbouncer"];

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
