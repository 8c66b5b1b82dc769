using System.Collections.Immutable;
using Sallyport.Core;

namespace Sallyport.Postgres;

/// <summary>What the operator says of the database's own code that the gateway does not read. Immutable.</summary>
/// <param name="Functions">Functions whose calls compute a value from their arguments alone.</param>
/// <param name="IsAttachedLent">
/// Code that tables and views run by themselves (triggers, defaults, checks, what views call) and that cannot be read is taken as
/// lent by whoever made them; else it makes opaque what runs it.
/// </param>
public sealed record CodeTrust(ImmutableArray<NamePattern> Functions, bool IsAttachedLent)
{
    public static readonly CodeTrust Default = new([], IsAttachedLent: true);

    public bool Includes(string schema, string name) => Functions.Any(f => f.Matches(schema, name));
}
