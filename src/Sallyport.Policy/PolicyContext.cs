using Sallyport.Core;

namespace Sallyport.Policy;

/// <summary>
/// What is known around a policy file when it is checked. Null means not known, and is then not checked. A name that is not known
/// is a warning where it may appear later (groups, resources) and an error where it can only be a mistake (verbs).
/// </summary>
public sealed record PolicyContext
{
    public static readonly PolicyContext Unknown = new();

    /// <summary>The configured resources. The policy's own tests need them.</summary>
    public IReadOnlyCollection<Resource>? Resources { get; init; }

    public IReadOnlyCollection<string>? Groups { get; init; }

    /// <summary>Every verb that a facts reader can say.</summary>
    public IReadOnlyCollection<string>? Verbs { get; init; }
}
