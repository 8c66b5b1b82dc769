namespace Sallyport.Core;

/// <summary>What is left of a masked value.</summary>
public enum MaskKind : byte
{
    /// <summary>Nothing: a constant that is valid for the type.</summary>
    Redact,
    Null,

    /// <summary>The last four letters or digits stay, the others become <c>*</c>; other characters stay as they are.</summary>
    Last4,

    /// <summary><c>z***@example.com</c>: the first character and the domain stay.</summary>
    Email,

    /// <summary>Keyed and deterministic (HMAC-SHA-256): equal values stay equal, so joins work.</summary>
    Hash,

    /// <summary>A given value.</summary>
    Fixed,
}

/// <summary>A mask kind, with its value for <see cref="MaskKind.Fixed"/>.</summary>
public sealed record Mask(MaskKind Kind, string? Value = null)
{
    public static readonly Mask Redact = new(MaskKind.Redact);
}

/// <summary>What to look for in text whose origin says nothing: a second net, not a promise.</summary>
[Flags]
public enum Detectors
{
    None = 0,
    Pan = 1,
    Ssn = 2,
    Iban = 4,
    Jwt = 8,
    PrivateKey = 16,
    AwsKey = 32,
    Email = 64,
}

/// <summary>What a masked column may decide: WHERE, JOIN, GROUP BY, ORDER BY. In order of strictness.</summary>
public enum PredicateUse : byte
{
    Allow,

    /// <summary>Tests for equality and grouping by the whole value.</summary>
    Equality,

    /// <summary>Nothing but whether there is a value.</summary>
    Deny,
}
