namespace Sallyport.Load.Measuring;

/// <summary>A number that is compared between subjects.</summary>
/// <param name="Name">What is measured, of what; the history finds it again by this.</param>
/// <param name="Unit">As printed.</param>
/// <param name="Decimals">As printed.</param>
/// <param name="IsRate">More is better; else less is.</param>
public sealed record Metric(string Name, string Unit, int Decimals, bool IsRate = false);
