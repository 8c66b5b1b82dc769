using System.Collections.Frozen;

namespace Sallyport.Core;

public enum ResourceKind : byte
{
    Postgres,
    Ssh,
    Kubernetes,
    Http,
}

/// <summary>A named thing behind the gateway. Protocol projects derive their own with the way to reach it. Immutable.</summary>
public record Resource(string Name, ResourceKind Kind, FrozenDictionary<string, string> Labels);
