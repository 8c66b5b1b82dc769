using System.Globalization;
using System.Text.Json;
using Sallyport.Load.Measuring;

namespace Sallyport.Load.Reporting;

/// <summary>One run, as one line of the history file.</summary>
/// <param name="Date">When it began.</param>
/// <param name="Commit">What was measured.</param>
/// <param name="Rounds">How many.</param>
/// <param name="Values">Metric to subject to the median.</param>
/// <param name="Ratios">Metric to "gateway / base" to the median ratio.</param>
public sealed record HistoryEntry(
    DateTimeOffset Date,
    string Commit,
    int Rounds,
    Dictionary<string, Dictionary<string, double>> Values,
    Dictionary<string, Dictionary<string, double>> Ratios);

/// <summary>The file that keeps what every run gave, so that a loss shows: a line of JSON each, the newest last.</summary>
public static class History
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web);

    /// <summary>What a run has to be remembered for.</summary>
    public static HistoryEntry Entry(Results results, DateTimeOffset date, string commit, int rounds)
    {
        var (values, ratios) = (new Dictionary<string, Dictionary<string, double>>(), new Dictionary<string, Dictionary<string, double>>());
        foreach (var metric in results.Metrics)
        {
            values[metric.Name] = results.Subjects.Where(subject => results.Median(metric, subject) is not null)
                .ToDictionary(subject => subject, subject => Rounded(results.Median(metric, subject)!.Value));
            var own = (
                from subject in Report.Gateways(results)
                from against in Report.Bases
                let ratio = results.Ratio(metric, subject, against)
                where ratio is not null
                select (Name: $"{subject} / {against}", Value: Rounded(ratio.Value))).ToDictionary(pair => pair.Name, pair => pair.Value);
            if (own.Count > 0)
                ratios[metric.Name] = own;
        }

        return new HistoryEntry(date, commit, rounds, values, ratios);
    }

    /// <summary>All entries, oldest first; none when there is no file yet.</summary>
    public static IReadOnlyList<HistoryEntry> Read(string file) => File.Exists(file)
        ? [.. File.ReadLines(file).Where(line => line.Length > 0).Select(line => JsonSerializer.Deserialize<HistoryEntry>(line, Format)!)]
        : [];

    public static void Append(string file, HistoryEntry entry) => File.AppendAllText(file, JsonSerializer.Serialize(entry, Format) + "\n");

    /// <summary>
    /// One line for each ratio of this run that an earlier entry has too, compared with the last that has it; for a metric without ratios
    /// the gateway's value.
    /// </summary>
    public static IEnumerable<string> Compare(HistoryEntry now, IReadOnlyList<HistoryEntry> before, IReadOnlyList<Metric> metrics)
    {
        foreach (var metric in metrics)
        {
            var isRatio = now.Ratios.ContainsKey(metric.Name);
            var numbers = isRatio ? now.Ratios[metric.Name] : OfGateway(now.Values[metric.Name]);
            foreach (var (name, value) in numbers)
            {
                var last = before.LastOrDefault(entry => Find(entry, metric.Name, name, isRatio) is not null);
                if (last is not null)
                    yield return Line($"{metric.Name}, {name}", value, Find(last, metric.Name, name, isRatio)!.Value, metric.IsRate, last);
            }
        }
    }

    private static string Line(string what, double now, double before, bool isRate, HistoryEntry last)
    {
        var worse = Statistics.WorseByPercent(before, now, isRate);
        var verdict = before == now ? "the same"
            : !double.IsFinite(worse) ? "not to be compared"
            : Math.Abs(worse) < 0.5 ? "the same"
            : string.Create(CultureInfo.InvariantCulture, $"{(worse > 0 ? "worse" : "better")} by {Math.Abs(worse):F0} %");
        return string.Create(
            CultureInfo.InvariantCulture, $"{what}: {now}, was {before} ({last.Commit}, {last.Date:yyyy-MM-dd}): {verdict}");
    }

    private static double? Find(HistoryEntry entry, string metric, string name, bool isRatio) =>
        (isRatio ? entry.Ratios : entry.Values).TryGetValue(metric, out var numbers) && numbers.TryGetValue(name, out var value)
            ? value
            : null;

    private static Dictionary<string, double> OfGateway(Dictionary<string, double> values) =>
        values.Where(pair => Report.IsGateway(pair.Key)).ToDictionary(pair => pair.Key, pair => pair.Value);

    private static double Rounded(double value) => Math.Round(value, 3);
}
