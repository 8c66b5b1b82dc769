using Sallyport.Policy.Yaml;

namespace Sallyport.Cli;

/// <summary>What <c>check</c> found, as <c>--json</c> prints it.</summary>
internal sealed record CheckMessage(IReadOnlyList<YamlProblem> Errors, IReadOnlyList<YamlProblem> Warnings);
