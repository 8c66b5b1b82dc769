using System.Globalization;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Series;
using Sallyport.Load.Measuring;

namespace Sallyport.Load.Reporting;

/// <summary>How a load's latency spreads, one curve per subject: percentiles to the right, the far tail drawn out, latency up.</summary>
public static class LatencyPlot
{
    private const double LastNines = 4;

    /// <summary>An SVG picture of one load.</summary>
    public static string Draw(Results results, string load)
    {
        var plot = Plot.New($"Latency, {load}");
        plot.PlotMargins = new OxyThickness(70, double.NaN, 100, double.NaN);
        plot.Axes.Add(new LinearAxis
        {
            Position = AxisPosition.Bottom,
            Title = "percentile",
            Minimum = 0,
            Maximum = LastNines,
            MajorStep = 1,
            MinorTickSize = 0,
            LabelFormatter = nines => (100 * (1 - Math.Pow(10, -nines))).ToString("0.##", CultureInfo.InvariantCulture),
            MajorGridlineStyle = LineStyle.Dot,
        });
        plot.Axes.Add(new LogarithmicAxis { Position = AxisPosition.Left, Title = "us", MajorGridlineStyle = LineStyle.Dot });
        foreach (var (subject, latencies) in results.LatenciesOf(load))
        {
            var curve = new LineSeries
            {
                Title = subject,
                LineLegendPosition = LineLegendPosition.End,
                StrokeThickness = 1.5,
                Color = Plot.ColorOf(subject),
            };
            // No further than there are transactions to tell.
            var last = Math.Min(LastNines, Math.Log10(latencies.TotalCount));
            for (var nines = 0.0; nines <= last; nines += 0.02)
                curve.Points.Add(new DataPoint(nines, Latencies.Microseconds(latencies, 100 * (1 - Math.Pow(10, -nines)))));
            plot.Series.Add(curve);
        }

        return Plot.ToSvg(plot, 900, 500);
    }
}
