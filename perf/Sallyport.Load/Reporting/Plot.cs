using System.Text;
using OxyPlot;

namespace Sallyport.Load.Reporting;

/// <summary>What the pictures have in common.</summary>
internal static class Plot
{
    public static PlotModel New(string title) => new() { Title = title, Background = OxyColors.White, TitleFontSize = 14 };

    /// <summary>The same colour for a subject in every picture.</summary>
    public static OxyColor ColorOf(string subject) => subject switch
    {
        "direct" => OxyColors.Gray,
        "splice" => OxyColors.SeaGreen,
        "haproxy" => OxyColors.RoyalBlue,
        "pgbouncer" => OxyColors.DarkOrange,
        _ => OxyColors.Crimson,
    };

    public static string ToSvg(PlotModel plot, double width, double height)
    {
        using var stream = new MemoryStream();
        new SvgExporter { Width = width, Height = height, UseVerticalTextAlignmentWorkaround = true }.Export(plot, stream);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
