using System.Collections.Immutable;
using Sallyport.Policy.Testing;
using Sallyport.Policy.Yaml;

namespace Sallyport.Policy;

/// <summary>What came of reading a policy file. <see cref="Snapshot"/> is null exactly when there are errors.</summary>
public sealed record PolicyLoad(
    PolicySnapshot? Snapshot, ImmutableArray<PolicyTest> Tests, ImmutableArray<YamlProblem> Errors, ImmutableArray<YamlProblem> Warnings);
