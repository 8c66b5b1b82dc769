using System.Globalization;
using Sallyport.Testing.Gateway;
using Sallyport.Testing.Processes;
using Sallyport.Testing.Ssh;

namespace Sallyport.EndToEnd.Tests.Ssh;

/// <summary>
/// One gateway with what may be configured of SSH besides the ordinary: authorities of users, a certificate for its own host key, and
/// targets that are proved, or log the gateway in, in each of the ways. Every connection comes from an address of its own.
/// </summary>
public sealed class OptionsGateway : IAsyncLifetime
{
    public const string Secret = "a-secret-of-the-tests-0123456789";

    /// <summary>Wrong proofs that one address has before it must wait.</summary>
    public const int WrongProofs = 6;

    private const string Policy = """
        version: 1
        rules:
          - { name: engineers, who: engineers, on: everything, do: [read, write, create, alter, drop, server, session, privilege, opaque], then: allow }
          - { name: harmless, who: agents, on: everything, do: exec, if: {command: ["echo *"]}, then: allow }
          - { name: one-line, who: agents, on: other, do: [exec, opaque], if: {line: ["echo as written"]}, then: allow }
          - { name: agent-shells, who: agents, on: other, do: shell, then: allow, shell: command-mode }
        """;

    private const string Configuration = """
        listen: { ssh: 127.0.0.1:{port}, admin: {folder}/admin.sock }
        data: {folder}/data
        policy: {folder}/policy.yaml
        recording: { watermark: 64MiB }
        limits: { wrongProofsPerSource: {wrongProofs} }
        ssh: { hostKeys: [file:{client}/gateway], hostCertificates: [file:{client}/gateway-cert.pub] }
        identity:
          principals:
            - { name: bot, kind: agent, groups: [agents], secret: env:TEST_SECRET }
            - { name: eng, kind: person, groups: [engineers], sshKeys: ["{key:eng}"] }
            - { name: dana, kind: person, groups: [engineers, admin], secret: env:TEST_SECRET }
          sshAuthorities:
            - { key: "{key:users}", logins: [carol], groups: [engineers], revoked: [17, 20-30] }
            - { key: "{key:agents}", logins: ["agent-*"], groups: [agents], kind: agent }
        resources:
          - { name: web1, ssh: { upstream: 127.0.0.1:{plain}, user: "{user}", privateKey: file:{userKey}, hostKey: "{hostKey}" } }
          - { name: quiet, ssh: { upstream: 127.0.0.1:{plain}, user: "{user}", privateKey: file:{userKey}, hostKey: "{hostKey}", recordInput: false } }
          - { name: other, ssh: { upstream: 127.0.0.1:{plain}, user: "{user}", privateKey: file:{userKey}, hostKey: "{hostKey}", shell: other } }
          - { name: encrypted, ssh: { upstream: 127.0.0.1:{plain}, user: "{user}", privateKey: file:{client}/encrypted, passphrase: env:TEST_PASSPHRASE, hostKey: "{hostKey}" } }
          - { name: certified, ssh: { upstream: 127.0.0.1:{modern}, user: "{user}", certificate: true, hostKey: "@cert-authority {key:hosts}" } }
          - { name: untrusting, ssh: { upstream: 127.0.0.1:{plain}, user: "{user}", certificate: true, hostKey: "{hostKey}" } }
          - { name: no-account, ssh: { upstream: 127.0.0.1:{modern}, user: no-such-account, certificate: true, hostKey: "@cert-authority {key:hosts}" } }
          - { name: other-name, ssh: { upstream: "localhost:{modern}", user: "{user}", certificate: true, hostKey: "@cert-authority {key:hosts}" } }
          - { name: other-authority, ssh: { upstream: 127.0.0.1:{modern}, user: "{user}", certificate: true, hostKey: "@cert-authority {key:users}" } }
          - { name: revoked-host, ssh: { upstream: 127.0.0.1:{modern}, user: "{user}", certificate: true, hostKey: ["@cert-authority {key:hosts}", "@revoked {key:modern}"] } }
          - { name: uncertified-host, ssh: { upstream: 127.0.0.1:{plain}, user: "{user}", privateKey: file:{userKey}, hostKey: "@cert-authority {key:hosts}" } }
          - { name: old, ssh: { upstream: 127.0.0.1:{old}, user: "{user}", privateKey: file:{oldKey}, hostKey: "{oldHostKey}", legacy: true } }
          - { name: old-unsaid, ssh: { upstream: 127.0.0.1:{old}, user: "{user}", privateKey: file:{oldKey}, hostKey: "{oldHostKey}" } }
          - { name: expired-host, ssh: { upstream: 127.0.0.1:{old}, user: "{user}", privateKey: file:{oldKey}, hostKey: "@cert-authority {key:hosts}", legacy: true } }
          - { name: first-use, ssh: { upstream: 127.0.0.1:{changing}, user: "{user}", privateKey: file:{changingKey}, trustOnFirstUse: true } }
        """;

    private readonly TemporaryFolder _client = new("ssh-options");
    private int _source;

    public SshServer Plain { get; private set; } = null!;

    /// <summary>Trusts the gateway's authority, and shows a certificate for its own key.</summary>
    public SshServer Modern { get; private set; } = null!;

    /// <summary>Knows Diffie-Hellman in a finite field only; its host certificate has expired.</summary>
    public SshServer Old { get; private set; } = null!;

    /// <summary>Its host key may be changed by a test.</summary>
    public SshServer Changing { get; private set; } = null!;

    public GatewayProcess Gateway { get; private set; } = null!;

    private static Dictionary<string, string?> Environment { get; } = new() { ["TEST_SECRET"] = Secret, ["TEST_PASSPHRASE"] = "of the key" };

    /// <summary>Files of the client's side.</summary>
    public string this[string name] => _client[name];

    public async Task InitializeAsync()
    {
        foreach (var name in (string[])["eng", "carol", "stranger", "users", "hosts", "gateway"])
            await MakeKeyAsync(name, "ed25519");
        foreach (var name in (string[])["modern", "old", "carol-ecdsa"])
            await MakeKeyAsync(name, "ecdsa");
        foreach (var name in (string[])["agents", "carol-rsa"])
            await MakeKeyAsync(name, "rsa");
        await SignAsync("hosts", "gateway", "gateway", "-h", "-n", "127.0.0.1");
        await SignAsync("hosts", "modern", "modern", "-h", "-n", "127.0.0.1");
        await SignAsync("hosts", "old", "old", "-h", "-n", "127.0.0.1", "-V", "20200101:20210101");

        Plain = await SshServer.StartAsync(OpenSsh.Installed);
        Modern = await SshServer.StartAsync(With($"HostKey {_client["modern"]}", $"HostCertificate {_client["modern"]}-cert.pub",
            $"TrustedUserCAKeys {_client["user_ca_key.pub"]}", "ExposeAuthInfo yes"));
        Old = await SshServer.StartAsync(With($"HostKey {_client["old"]}", $"HostCertificate {_client["old"]}-cert.pub",
            "KexAlgorithms diffie-hellman-group14-sha256"));
        Changing = await SshServer.StartAsync(OpenSsh.Installed);
        File.Copy(Plain.UserKey, _client["encrypted"]);
        (await Command.RunAsync("ssh-keygen", ["-q", "-p", "-N", "of the key", "-f", _client["encrypted"]])).OrThrow("ssh-keygen -p");

        Gateway = await GatewayProcess.StartAsync(Fill(Configuration), Policy, Environment);
        File.Copy(Path.Combine(Gateway.Folder, "data", "ssh", "user_ca_key.pub"), _client["user_ca_key.pub"]);
        await File.WriteAllTextAsync(_client["known_hosts"], $"@cert-authority [127.0.0.1]:{Gateway.Port} {Line("hosts")}\n");
    }

    public async Task DisposeAsync()
    {
        await Gateway.DisposeAsync();
        foreach (var server in (SshServer[])[Plain, Modern, Old, Changing])
            server.Dispose();
        _client.Dispose();
    }

    /// <summary>An address of this machine that no other connection comes from: wrong proofs are counted by address.</summary>
    public string NextSource()
    {
        var number = Interlocked.Increment(ref _source);
        return $"127.1.{number / 250}.{(number % 250) + 2}";
    }

    /// <summary>A certificate for <paramref name="key"/> by one of the authorities, with options of ssh-keygen; gives its name.</summary>
    public async Task<string> CertifyAsync(string authority, string logins, IEnumerable<string> options, string key = "carol")
    {
        var name = $"{key}-{Guid.NewGuid():N}";
        await SignAsync(authority, key, name, ["-n", logins, .. options]);
        return name;
    }

    /// <summary>Options of a client: its key, the certificate if it has one, and the address that it comes from.</summary>
    public string[] Options(string key, string? certificate = null, string? source = null) =>
    [
        "-o", $"BindAddress={source ?? NextSource()}", "-i", _client[key],
        .. certificate is null ? Array.Empty<string>() : ["-o", $"CertificateFile={_client[certificate]}-cert.pub"],
    ];

    /// <summary>The ordinary ssh; of what is said twice in options the first counts.</summary>
    public Task<CommandResult> SshAsync(string login, string[] options, string? command, string input = "", string program = "ssh",
        IReadOnlyDictionary<string, string?>? environment = null) => Command.RunAsync(program,
        [
            .. options, "-F", "none", "-o", $"Port={Gateway.Port}", "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes", "-o", "ConnectTimeout=30",
            "-o", "StrictHostKeyChecking=yes", "-o", $"UserKnownHostsFile={_client["known_hosts"]}", "-o", "GlobalKnownHostsFile=none",
            $"{login}@127.0.0.1", .. command is null ? Array.Empty<string>() : [command],
        ],
        environment, input, new CancellationTokenSource(TimeSpan.FromMinutes(1)).Token);

    /// <summary>An engineer's command on a resource.</summary>
    public Task<CommandResult> EngineerAsync(string resource, string command, string input = "") =>
        SshAsync($"eng+{resource}", Options("eng"), command, input);

    public Task<CommandResult> SallyportAsync(params string[] arguments) => GatewayProgram.RunAsync(
        [.. arguments, "--config", Path.Combine(Gateway.Folder, "sallyport.yaml")],
        new Dictionary<string, string?>(Environment) { ["SALLYPORT_AS"] = "dana", ["SALLYPORT_SECRET"] = Secret });

    /// <summary>What the last session's recording has, as JSON lines.</summary>
    public async Task<string> LastRecordingAsync() => (await SallyportAsync("sessions", "export", "last")).OrThrow("sessions export").Output;

    /// <summary>Waits for a line of the gateway's log that has all of the words; it is written by and by.</summary>
    public async Task LoggedAsync(params string[] words)
    {
        for (var tries = 0; !Gateway.Log.Split('\n').Any(l => words.All(w => l.Contains(w, StringComparison.Ordinal))); tries++)
        {
            if (tries == 100)
                throw new InvalidOperationException($"not in the log: {string.Join(" … ", words)}\n{Gateway.Log}");
            await Task.Delay(50);
        }
    }

    /// <summary>Type and key in base64.</summary>
    public string Line(string name) => string.Join(' ', File.ReadAllText(_client[name + ".pub"]).Split(' ')[..2]).TrimEnd();

    private async Task MakeKeyAsync(string name, string type) =>
        (await Command.RunAsync("ssh-keygen", ["-q", "-t", type, "-N", "", "-f", _client[name]])).OrThrow("ssh-keygen");

    private async Task SignAsync(string authority, string key, string name, params string[] options)
    {
        if (key != name)
            File.Copy(_client[key + ".pub"], _client[name + ".pub"]);
        (await Command.RunAsync("ssh-keygen", ["-q", "-s", _client[authority], "-I", $"id of {key}", .. options, _client[name + ".pub"]]))
            .OrThrow("ssh-keygen -s");
    }

    private static OpenSsh With(params string[] lines) => OpenSsh.Installed with { ServerLines = lines };

    private string Fill(string text)
    {
        var words = new Dictionary<string, string>
        {
            ["{client}"] = _client.FullPath,
            ["{wrongProofs}"] = WrongProofs.ToString(CultureInfo.InvariantCulture),
            ["{user}"] = System.Environment.UserName,
            ["{userKey}"] = Plain.UserKey,
            ["{hostKey}"] = Plain.HostKey,
            ["{oldKey}"] = Old.UserKey,
            ["{oldHostKey}"] = Old.HostKey,
            ["{changingKey}"] = Changing.UserKey,
            ["{plain}"] = Plain.Port.ToString(CultureInfo.InvariantCulture),
            ["{modern}"] = Modern.Port.ToString(CultureInfo.InvariantCulture),
            ["{old}"] = Old.Port.ToString(CultureInfo.InvariantCulture),
            ["{changing}"] = Changing.Port.ToString(CultureInfo.InvariantCulture),
        };
        foreach (var name in (string[])["eng", "users", "agents", "hosts", "modern"])
            words[$"{{key:{name}}}"] = Line(name);
        return words.Aggregate(text, static (filled, word) => filled.Replace(word.Key, word.Value, StringComparison.Ordinal));
    }
}

[CollectionDefinition(nameof(OptionsGateway))]
public sealed class OptionsGatewayUsers : ICollectionFixture<OptionsGateway>;
