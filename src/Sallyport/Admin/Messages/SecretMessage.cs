using Sallyport.Core;

namespace Sallyport.Admin;

/// <summary>An issued secret as lists show it; nothing of it can be used to log in.</summary>
internal sealed record SecretMessage(string Id, string Login, IReadOnlyList<string> Scope, DateTimeOffset IssuedAt,
    DateTimeOffset ExpiresAt, bool Once, DateTimeOffset? UsedAt)
{
    public static SecretMessage From(StoredSecret secret) =>
        new(secret.Id, secret.Login, secret.Scope, secret.IssuedAt, secret.ExpiresAt, secret.IsOneTime, secret.SpentAt);
}

/// <summary>
/// Asks for a secret of <see cref="Login"/>, good for <see cref="Scope"/> (empty: all), for <see cref="LifetimeSeconds"/>, and
/// with <see cref="Once"/> for one login.
/// </summary>
internal sealed record IssueRequest(string Login, IReadOnlyList<string> Scope, long LifetimeSeconds, bool Once = false);

/// <summary>The only time the secret itself is ever shown.</summary>
internal sealed record IssueAnswer(SecretMessage Secret, string Text)
{
    public override string ToString() => Secret.Id;
}

/// <summary>The id of the secret that is useless now.</summary>
internal sealed record RevokeAnswer(string Revoked);
