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
    private const double BarHeight = 9;

    private static readonly string[] Shown = ["splice", "haproxy", "pgbouncer"];

    /// <summary>An SVG picture of all metrics.</summary>
    public static string Draw(Results results)
    {
        var rows = (
            from metric in results.Metrics
            from subject in Report.Gateways(results)
            where Shown.Any(against => Factor(results, metric, subject, against) is not null)
            select (Metric: metric, Subject: subject)).Reverse().ToList();
        var plot = Plot.New("The gateway, times what others need (1 = equal, right = worse)");
        plot.PlotMargins = new OxyThickness(420, double.NaN, 130, double.NaN);
        plot.Legends.Add(new Legend { LegendPosition = LegendPosition.RightTop, LegendPlacement = LegendPlacement.Outside });
        var names = new CategoryAxis { Position = AxisPosition.Left, Key = "names", GapWidth = 0.3 };
        foreach (var (metric, subject) in rows)
            names.Labels.Add(metric.Name + subject["gateway".Length..]);
        plot.Axes.Add(names);
        foreach (var against in Shown)
        {
            var bars = new BarSeries { BaseValue = 1, XAxisKey = "ratios", YAxisKey = "names", FillColor = Plot.ColorOf(against) };
            // Padded, because the exporter cuts what another font makes longer than it measured.
            bars.Title = $"/ {against}          ";
            for (var i = 0; i < rows.Count; i++)
            {
                if (Factor(results, rows[i].Metric, rows[i].Subject, against) is { } factor)
                    bars.Items.Add(new BarItem(factor, i));
            }

            plot.Series.Add(bars);
        }

        var factors = plot.Series.Cast<BarSeries>().SelectMany(series => series.Items).Select(item => item.Value).ToList();
        plot.Axes.Add(new LogarithmicAxis
        {
            Position = AxisPosition.Bottom,
            Key = "ratios",
            Base = 2,
            Minimum = factors.Append(1).Min() / 1.2,
            Maximum = factors.Append(1).Max() * 1.2,
            MajorGridlineStyle = LineStyle.Dot,
        });
        return Plot.ToSvg(plot, 1100, 100 + rows.Count * BarHeight * Shown.Length);
    }

    private static double? Factor(Results results, Metric metric, string subject, string against)
    {
        var ratio = metric.IsRate ? 1 / results.Ratio(metric, subject, against) : results.Ratio(metric, subject, against);
        return ratio is > 0 && double.IsFinite(ratio.Value) ? ratio : null;
    }
}
