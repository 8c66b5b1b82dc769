using Sallyport.Core;

namespace Sallyport.Admin;

/// <summary>An issued secret as lists show it; nothing of it can be used to log in.</summary>
internal sealed record SecretMessage(string Id, string Login, IReadOnlyList<string> Scope, DateTimeOffset IssuedAt,
    DateTimeOffset ExpiresAt)
{
    public static SecretMessage From(StoredSecret secret) => new(secret.Id, secret.Login, secret.Scope, secret.IssuedAt, secret.ExpiresAt);
}

/// <summary>
/// Asks for a secret of <see cref="Login"/>, good for <see cref="Scope"/> (empty: all), for <see cref="LifetimeSeconds"/>.
/// </summary>
internal sealed record IssueRequest(string Login, IReadOnlyList<string> Scope, long LifetimeSeconds);

/// <summary>The only time the secret itself is ever shown.</summary>
internal sealed record IssueAnswer(SecretMessage Secret, string Text)
{
    public override string ToString() => Secret.Id;
}

/// <summary>The id of the secret that is useless now.</summary>
internal sealed record RevokeAnswer(string Revoked);
