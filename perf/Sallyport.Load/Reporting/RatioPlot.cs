using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;
using Sallyport.Load.Measuring;

namespace Sallyport.Load.Reporting;

/// <summary>
/// How often the gateway needs what a base needs, one bar per metric and base, on a logarithmic scale: 1 is equal, left of it the gateway
/// is better. Rates are turned over, so that right is worse everywhere.
/// </summary>
public static class RatioPlot
{
    private const double BarHeight = 14;

    private static readonly string[] Shown = ["splice", "haproxy", "pgbouncer"];

    /// <summary>An SVG picture of all metrics.</summary>
    public static string Draw(Results results)
    {
        var rows = (
            from metric in results.Metrics
            from subject in Report.Gateways(results)
            where Shown.Any(against => results.Ratio(metric, subject, against) is not null)
            select (Metric: metric, Subject: subject)).Reverse().ToList();
        var plot = Plot.New("The gateway, times what others need (1 = equal, right = worse)");
        plot.Legends.Add(new Legend { LegendPosition = LegendPosition.RightTop, LegendPlacement = LegendPlacement.Outside });
        var names = new CategoryAxis { Position = AxisPosition.Left, Key = "names", GapWidth = 0.3 };
        foreach (var (metric, subject) in rows)
            names.Labels.Add(subject == "gateway" ? metric.Name : metric.Name + subject["gateway".Length..]);
        plot.Axes.Add(names);
        plot.Axes.Add(new LogarithmicAxis
        {
            Position = AxisPosition.Bottom,
            Key = "ratios",
            Base = 2,
            MajorGridlineStyle = LineStyle.Dot,
        });
        foreach (var against in Shown)
        {
            var bars = new BarSeries { Title = "/ " + against, BaseValue = 1, XAxisKey = "ratios", YAxisKey = "names", StrokeThickness = 0 };
            foreach (var (metric, subject) in rows)
            {
                var ratio = results.Ratio(metric, subject, against);
                bars.Items.Add(new BarItem { Value = ratio is null ? double.NaN : metric.IsRate ? 1 / ratio.Value : ratio.Value });
            }

            plot.Series.Add(bars);
        }

        return Plot.ToSvg(plot, 1100, 100 + rows.Count * BarHeight * Shown.Length);
    }
}
