using Sallyport.Ssh.Keys;

namespace Sallyport.Ssh.Authentication;

/// <summary>What an upstream's account is proved by. Tried in this order: the keys, the password.</summary>
public sealed record ClientCredentials
{
    /// <summary>The account on the upstream.</summary>
    public required string User { get; init; }

    /// <summary>Keys and certificates, best first.</summary>
    public IReadOnlyList<ISigner> Signers { get; init; } = [];

    /// <summary>Read at the moment that the server asks for it, or null.</summary>
    public ICredentialSource? Password { get; init; }
}

/// <summary>How logging in ended.</summary>
/// <param name="Method">The method that the server accepted; null when it accepted none.</param>
/// <param name="Fault">Why not, for the log; null after a success.</param>
public sealed record ClientAuthenticationResult(string? Method, string? Fault)
{
    public bool IsAccepted => Fault is null;
}
