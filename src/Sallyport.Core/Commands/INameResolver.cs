namespace Sallyport.Core;

/// <summary>
/// How names that a command leaves unqualified resolve in a session. An immutable snapshot: a change gives a new one, so
/// reference equality is the epoch.
/// </summary>
public interface INameResolver
{
    /// <summary>
    /// The schemas in which an object of that name exists and which the name may therefore mean. Empty when there is none.
    /// One where it is known; with more than one, a rule that denies or holds matches any of them and a rule that allows must cover all.
    /// </summary>
    ReadOnlySpan<string> SchemasOf(ObjectType type, string name);
}
