using System.Collections.Immutable;
using Sallyport.Policy.Yaml;

namespace Sallyport.Cli.Policies;

/// <summary>A run of the policy's tests as <c>--json</c> prints it.</summary>
internal sealed record PolicyTestMessage(int Tests, ImmutableArray<YamlProblem> Failed, ImmutableArray<YamlProblem> Errors);
