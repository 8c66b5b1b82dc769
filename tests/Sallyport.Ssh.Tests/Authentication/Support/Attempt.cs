using System.Net;
using Sallyport.Identity;
using Sallyport.Ssh.Authentication;
using Sallyport.Ssh.Keys;
using Sallyport.Ssh.Tests.Transport.Support;
using Sallyport.Ssh.Transport;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Tests.Authentication.Support;

/// <summary>A server that authenticates, and a client's transport with which a test says what it likes.</summary>
internal sealed class Attempt : IAsyncDisposable
{
    private readonly Pair _pair;
    private readonly IdentityVerifier _identity;
    private readonly Task<AuthenticatedUser?> _running;

    private Attempt(Pair pair, IdentityVerifier identity, IPAddress client)
    {
        _pair = pair;
        _identity = identity;
        Server = new ServerAuthentication(pair.Server, identity, client, Time, Refused.Add);
        _running = RunAsync();
    }

    public InstantTime Time { get; } = new();

    public List<RefusedProof> Refused { get; } = [];

    public ServerAuthentication Server { get; }

    public SshTransport Client => _pair.Client;

    /// <summary>Proofs that hold are refused all the same, as for a resource that is forbidden.</summary>
    public string? Forbids { get; set; }

    public static async Task<Attempt> StartAsync(IdentityVerifier identity, bool asksForService = true, string client = "127.0.0.1")
    {
        var attempt = new Attempt(await Pair.StartAsync(isAuthenticated: false), identity, IPAddress.Parse(client));
        if (!asksForService)
            return attempt;
        await attempt.SendAsync(new SshWriter().Begin(MessageNumber.ServiceRequest).String("ssh-userauth"));
        Assert.Equal((byte)MessageNumber.ServiceAccept, (await attempt.ReadAsync())[0]);
        return attempt;
    }

    public async Task SendAsync(SshWriter message) => Assert.True(await Client.SendAsync(message.Written.ToArray(), default));

    /// <summary>What the server said.</summary>
    public async Task<byte[]> ReadAsync()
    {
        Assert.True(await Client.ReadAsync(default), Client.OutcomeText);
        return Client.Message.ToArray();
    }

    public async Task<MessageNumber> AskAsync(SshWriter message)
    {
        await SendAsync(message);
        return (MessageNumber)(await ReadAsync())[0];
    }

    /// <summary>Who is in, once the server has accepted or the connection is over.</summary>
    public Task<AuthenticatedUser?> ResultAsync() => _running;

    /// <summary>The server ends it, and nobody is in.</summary>
    public async Task<DisconnectReason> AssertEndedAsync()
    {
        while (await Client.ReadAsync(default))
            Assert.Equal((byte)MessageNumber.UserAuthFailure, Client.Message.Span[0]);
        Assert.Equal(SshOutcome.PeerDisconnected, Client.Outcome);
        Assert.Null(await ResultAsync());
        Assert.NotNull(Server.Fault);
        Assert.False(_pair.Server.IsAuthenticated);
        return Client.OutcomeReason;
    }

    public static SshWriter Request(string user, string method, string service = "ssh-connection") =>
        new SshWriter().Begin(MessageNumber.UserAuthRequest).String(user).String(service).String(method);

    public static SshWriter Query(string user, string algorithm, byte[] blob) =>
        Request(user, "publickey").Boolean(false).String(algorithm).String(blob);

    /// <summary>A signed request.</summary>
    /// <param name="user">The user name in the request.</param>
    /// <param name="signer">Who signs.</param>
    /// <param name="blob">The key that is shown; by default the signer's.</param>
    /// <param name="algorithm">By default the signer's best.</param>
    /// <param name="signedUser">The user name that is signed.</param>
    public SshWriter Signed(string user, ISigner signer, byte[]? blob = null, string? algorithm = null, string? signedUser = null)
    {
        SshWriter Body(string name) => Request(name, "publickey").Boolean(true).String(algorithm ?? signer.Algorithms[0])
            .String(blob ?? signer.PublicKey.ToArray());
        var data = new SshWriter().String(Client.SessionId.Span).Bytes(Body(signedUser ?? user).Written);
        return Body(user).String(signer.Sign(signer.Algorithms[0], data.Written));
    }

    public static SshWriter Password(string user, string password) => Request(user, "password").Boolean(false).String(password);

    public async ValueTask DisposeAsync()
    {
        await Client.DisconnectAsync(DisconnectReason.ByApplication, "the test is over", default);
        await _running;
        await _pair.DisposeAsync();
        _identity.Dispose();
    }

    private async Task<AuthenticatedUser?> RunAsync()
    {
        await Task.Yield();
        while (await Server.NextAsync(default) is { } user)
        {
            if (Forbids is null)
            {
                await Server.AcceptAsync(default);
                return user;
            }
            await Server.RefuseAsync(Forbids, default);
        }
        return null;
    }
}
