using System.Globalization;
using System.Text;

namespace Sallyport.Load.Measuring;

/// <summary>Every round's value of every metric of every subject, and the tables made of them.</summary>
public sealed class Results
{
    private readonly Dictionary<(Metric Metric, string Subject), List<double>> _rounds = [];
    private readonly List<string> _subjects = [];

    public void Add(string subject, Metric metric, double value)
    {
        if (!_subjects.Contains(subject))
            _subjects.Add(subject);
        if (!_rounds.TryGetValue((metric, subject), out var values))
            _rounds[(metric, subject)] = values = [];
        values.Add(value);
    }

    /// <summary>
    /// One table per metric: the median, and the median over rounds of the ratio to each base in the same round. Only the ratios carry
    /// over to another machine or hour.
    /// </summary>
    public string ToMarkdown(params string[] bases)
    {
        bases = [.. bases.Where(_subjects.Contains)];
        var text = new StringBuilder();
        foreach (var metric in Metric.All.Where(m => _rounds.Keys.Any(key => key.Metric == m)))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n### {metric.Name} ({metric.Unit})\n\n| subject | median |");
            text.AppendJoin("", bases.Select(b => $" / {b} |")).AppendLine();
            text.Append("|---|---|").AppendJoin("", bases.Select(_ => "---|")).AppendLine();
            foreach (var subject in _subjects)
            {
                if (!_rounds.TryGetValue((metric, subject), out var values))
                    continue;
                var median = Median(values).ToString("F" + metric.Decimals, CultureInfo.InvariantCulture);
                text.Append(CultureInfo.InvariantCulture, $"| {subject} | {median} |");
                text.AppendJoin("", bases.Select(b => $" {Ratio(metric, subject, b)} |")).AppendLine();
            }
        }

        return text.ToString();
    }

    private string Ratio(Metric metric, string subject, string against)
    {
        if (!_rounds.TryGetValue((metric, against), out var bases))
            return "-";
        var ratios = _rounds[(metric, subject)].Zip(bases, (value, other) => other > 0 ? value / other : double.NaN).ToList();
        return ratios.Any(double.IsNaN) ? "-" : Median(ratios).ToString("F2", CultureInfo.InvariantCulture);
    }

    private static double Median(List<double> values)
    {
        var sorted = values.Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }
}
