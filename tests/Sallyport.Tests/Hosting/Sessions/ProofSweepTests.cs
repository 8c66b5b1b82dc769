using System.Collections.Frozen;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Sallyport.Core;
using Sallyport.Hosting.Sessions;

namespace Sallyport.Tests.Hosting.Sessions;

public sealed class ProofSweepTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly SessionRegistry _registry = new(10);
    private readonly Proofs _proofs = new();
    private readonly ProofSweep _sweep;

    public ProofSweepTests() => _sweep = new ProofSweep(_registry, _proofs, _time, NullLogger.Instance);

    [Fact]
    public void Threat79_ASessionWhoseProofIsOverEndsAtTheNextLookAndNoOther()
    {
        var (ana, bot) = (Open("ana"), Open("bot-7"));
        _time.Advance(ProofSweep.Interval);
        Assert.False(ana.Killed.IsCancellationRequested);

        _proofs.Over.Add("ana");
        _time.Advance(ProofSweep.Interval);

        Assert.True(ana.Killed.IsCancellationRequested);
        Assert.Equal(SessionEnd.ProofExpired, ana.KillEnd);
        Assert.False(bot.Killed.IsCancellationRequested);
    }

    [Fact]
    public void AnEndThatFailsKeepsNoOtherSession()
    {
        Session[] all = [Open("ana"), Open("bot-7"), Open("dana")];
        using var failing = all[0].Killed.Register(static () => throw new InvalidOperationException("boom"));
        _proofs.Over.UnionWith(["ana", "bot-7", "dana"]);

        _time.Advance(ProofSweep.Interval);

        Assert.All(all, static s => Assert.True(s.Killed.IsCancellationRequested));
    }

    public void Dispose() => _sweep.Dispose();

    private Session Open(string name)
    {
        var resource = new Resource("shop", ResourceKind.Postgres, FrozenDictionary<string, string>.Empty);
        var session = new Session(SessionId.New(_time), new Principal { Name = name }, resource, "postgres", "127.0.0.1:4000",
            _time.GetUtcNow(), null!);
        Assert.True(_registry.TryAdd(session));
        return session;
    }

    private sealed class Proofs : IIdentityVerifier
    {
        public HashSet<string> Over { get; } = [];

        public bool IsLive(Principal principal) => !Over.Contains(principal.Name);

        public ValueTask<bool> TrySpendAsync(Principal principal, CancellationToken cancellationToken) => throw new NotSupportedException();

        public bool AsksForToken(string login) => throw new NotSupportedException();

        public ScramVerifiers FindScramVerifiers(string login) => throw new NotSupportedException();

        public bool KnowsKey(ReadOnlySpan<byte> keyBlob) => throw new NotSupportedException();

        public bool KnowsAuthority(ReadOnlySpan<byte> keyBlob) => throw new NotSupportedException();

        public ProofResult VerifyKey(string login, ReadOnlySpan<byte> keyBlob) => throw new NotSupportedException();

        public ProofResult VerifyCertificate(string login, CertificateFacts certificate) => throw new NotSupportedException();

        public ValueTask<ProofResult> VerifyTokenAsync(string login, string token, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask<ProofResult> VerifySecretAsync(string login, ReadOnlyMemory<byte> secret, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }
}
