using System.Collections.Frozen;
using Sallyport.Core;

namespace Sallyport.Storage.Tests;

internal static class Samples
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static int _ids;

    public static StoredSession Session(string principal, string resource, DateTimeOffset openedAt) => new()
    {
        Id = new SessionId(Guid.CreateVersion7(openedAt)),
        Principal = principal,
        Resource = resource,
        Protocol = "postgres",
        Client = "127.0.0.1:40000",
        OpenedAt = openedAt,
    };

    public static StoredSecret Secret(string login, DateTimeOffset issuedAt, TimeSpan lifetime) => new()
    {
        Id = NextId("s-"),
        Login = login,
        Salt = [.. Enumerable.Range(0, 16).Select(static i => (byte)i)],
        Iterations = 4096,
        StoredKey = [.. Enumerable.Repeat((byte)7, 32)],
        ServerKey = [.. Enumerable.Repeat((byte)9, 32)],
        Scope = ["shop", "billing"],
        IssuedAt = issuedAt,
        ExpiresAt = issuedAt + lifetime,
    };

    public static Hold Hold(DateTimeOffset askedAt) => new()
    {
        Id = NextId("h-"),
        Session = new SessionId(Guid.CreateVersion7(askedAt)),
        Principal = new Principal
        {
            Name = "bot-7",
            Kind = PrincipalKind.Agent,
            Groups = FrozenSet.Create("agents", "ci"),
            OnBehalfOf = "ana",
            Proof = "secret:s-00000000",
            Scope = FrozenSet.Create("shop"),
            ExpiresAt = askedAt.AddHours(1),
        },
        Resource = "shop",
        Protocol = "postgres",
        Client = "127.0.0.1:40000",
        Text = "delete from orders where note = 'caf\u00e9 \u001b[31m' and id = $1",
        Parameters = [new HoldParameter("int4", "42"), new HoldParameter("text", null)],
        Hash = [1, 2, 3, 255],
        Rule = "writes-wait",
        Note = "Say which ticket this is for.",
        Terms = new HoldTerms { Approvers = ["oncall"], Count = 2, Within = TimeSpan.FromMinutes(3), Ticket = true },
        InTransaction = true,
        AskedAt = askedAt,
        ExpiresAt = askedAt.AddMinutes(3),
        History = ["allow  select 1"],
        Estimate = "about 1,204 rows",
        Shape = "delete public.orders",
    };

    private static string NextId(string prefix) =>
        prefix + Interlocked.Increment(ref _ids).ToString("D8", System.Globalization.CultureInfo.InvariantCulture);
}
