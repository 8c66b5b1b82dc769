namespace Sallyport.Load.Measuring;

/// <summary>The sums behind the tables.</summary>
public static class Statistics
{
    /// <summary>The middle value, or the mean of the two in the middle. NaN of none.</summary>
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? double.NaN : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>
    /// The median over rounds of this round's value / the same round's value of the base. Null when they were not measured in the same
    /// rounds or the base was zero in one: a ratio to nothing says nothing.
    /// </summary>
    public static double? Ratio(IReadOnlyList<double> values, IReadOnlyList<double> bases) =>
        values.Count == 0 || values.Count != bases.Count || bases.Any(value => value <= 0)
            ? null
            : Median(values.Zip(bases, (value, other) => value / other));

    /// <summary>By how many percent the new value is worse than the old one; negative when it is better.</summary>
    public static double WorseByPercent(double before, double now, bool isRate) =>
        100 * (isRate ? before - now : now - before) / before;
}
