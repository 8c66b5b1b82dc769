using Sallyport.Ssh.Authentication;
using Sallyport.Ssh.Tests.Transport.Support;
using Sallyport.Ssh.Transport;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Tests.Authentication.Support;

/// <summary>A server that says to a client what the test wants.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly Pair _pair;

    private ScriptedServer(Pair pair) => _pair = pair;

    public SshTransport Client => _pair.Client;

    /// <param name="signatures">The server-sig-algs that it tells.</param>
    public static async Task<ScriptedServer> StartAsync(IReadOnlyList<string>? signatures = null) => new(await Pair.StartAsync(
        server: Pair.ServerOptions with { UserSignatures = signatures ?? SshAlgorithms.UserSignatures }, isAuthenticated: false));

    public Task<ClientAuthenticationResult> LogInAsync(ClientCredentials credentials) =>
        Task.Run(() => new ClientAuthentication(Client, credentials).RunAsync(default).AsTask());

    public async Task AcceptServiceAsync()
    {
        Assert.Equal(new SshWriter().Begin(MessageNumber.ServiceRequest).String("ssh-userauth").Written.ToArray(), await ReadAsync());
        await SendAsync(new SshWriter().Begin(MessageNumber.ServiceAccept).String("ssh-userauth"));
    }

    public async Task<byte[]> ReadAsync()
    {
        Assert.True(await _pair.Server.ReadAsync(default), _pair.Server.OutcomeText);
        return _pair.Server.Message.ToArray();
    }

    /// <summary>A client that has ended it reads no more, and that is what some tests want.</summary>
    public async Task SendAsync(SshWriter message) => await _pair.Server.SendAsync(message.Written.ToArray(), default);

    public Task FailAsync(string methods, bool isPartial = false) =>
        SendAsync(new SshWriter().Begin(MessageNumber.UserAuthFailure).String(methods).Boolean(isPartial));

    public ValueTask DisposeAsync() => _pair.DisposeAsync();
}
