using System.Collections.Immutable;
using Sallyport.Core;
using Sallyport.Policy.Yaml;

namespace Sallyport.Policy.Testing;

/// <summary>What a test expects. Null <see cref="Rule"/>: by whatever rule. <see cref="Masked"/> are columns that must be masked.</summary>
public sealed record Expectation(DecisionKind Kind, string? Rule, ImmutableArray<(string Schema, string Relation, string Column)> Masked);

/// <summary>One entry of <c>tests</c>; <see cref="At"/> is where it stands.</summary>
public sealed record PolicyTest(YamlNode At, Principal As, string On, string Run, Expectation Expect);
