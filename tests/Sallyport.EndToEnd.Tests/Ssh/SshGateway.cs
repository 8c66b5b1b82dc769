using System.Globalization;
using System.Text.Json;
using Sallyport.EndToEnd.Tests.Ssh.Hostile;
using Sallyport.Testing.Gateway;
using Sallyport.Testing.Processes;
using Sallyport.Testing.Ssh;

namespace Sallyport.EndToEnd.Tests.Ssh;

/// <summary>
/// A real sshd and a real gateway before it. Principals: <c>bot</c> runs what the rules list, <c>eng</c> may do everything,
/// <c>ops</c> has shells in command mode, <c>dana</c> approves and administers, <c>nobody</c> may do nothing.
/// </summary>
public class SshGateway : IAsyncLifetime
{
    public const string Secret = "a-secret-of-the-tests-0123456789";

    private const string Policy = """
        version: 1
        rules:
          - { name: engineers, who: engineers, on: everything, do: [read, write, create, alter, drop, server, session, privilege, opaque], then: allow }
          - { name: harmless, who: agents, on: web1, do: exec, if: {command: ["echo *", "cat *", "cat", "sha256sum", "printf *", "sleep *", "head *", "tail *"]}, then: allow }
          - { name: one-script, who: agents, on: web1, do: [exec, opaque], if: {line: ["echo $((6*7)) > /dev/null; echo done"]}, then: allow }
          - { name: no-rm, who: agents, on: web1, do: exec, if: {command: ["rm *"]}, then: deny, message: Nothing is removed by hand. }
          - { name: restarts-wait, who: agents, on: {kind: ssh}, do: exec, if: {command: ["touch *", "tee *"]}, then: hold, approvers: oncall, within: 60s, note: Say which ticket. }
          - { name: files-out, who: agents, on: web1, do: [sftp_read, sftp_list, scp_read, rsync_read, git_read], then: allow }
          - { name: files-in, who: agents, on: web1, do: [sftp_write, sftp_mkdir, sftp_setstat, scp_write, rsync_write, git_write], if: {path: ["{files}/in/**"]}, then: allow }
          - { name: folders-wait, who: agents, on: web1, do: sftp_mkdir, if: {path: ["{files}/held/**"]}, then: hold, approvers: oncall, within: 60s }
          - { name: tunnels-wait, who: agents, on: web1, do: forward_local, if: {destination: ["127.0.0.1:{held}"]}, then: hold, approvers: oncall, within: 60s }
          - { name: desk-waits, who: agents, on: desk, do: [shell, exec, opaque], then: hold, approvers: oncall, within: 60s }
          - { name: operator-shells, who: operators, on: [web1, scripted], do: shell, then: allow, shell: command-mode }
          - { name: operator-commands, who: operators, on: [web1, scripted], do: exec, if: {command: ["echo *", "pwd", "cd", "cd *", "cat", "cat *", "less *", "vi *", "yes *", "stty size", "tty", "sleep *", "sh -c 'exit 7'"]}, then: allow }
          - { name: operator-script, who: operators, on: web1, if: {line: ["cd $HOME && echo \"it's ${PWD##*/}\"", "echo \"$LC_TEST\""]}, then: allow }
          - { name: operator-files, who: operators, on: web1, do: scp_read, then: allow }
          - { name: operators-wait, who: operators, on: web1, do: exec, if: {command: ["touch *"]}, then: hold, approvers: oncall, within: 60s }
          - { name: watched, who: engineers, on: web1, do: exec, if: {command: ["echo watched *"]}, then: deny, mode: observe }
          - { name: tunnels, who: agents, on: web1, do: [forward_local, forward_remote], if: {destination: ["127.0.0.1:{web}", "127.0.0.1:{back}", "localhost:{back}"]}, then: allow }
        masks:
          - { name: cards, on: web1, who: [agents, operators], detect: [pan, aws_key, private_key], with: redact }
        """;

    private const string Configuration = """
        listen: { ssh: 127.0.0.1:{port}, admin: {folder}/admin.sock }
        data: {folder}/data
        policy: {folder}/policy.yaml
        recording: { watermark: 64MiB }
        identity:
          principals:
            - { name: bot, kind: agent, groups: [agents], sshKeys: ["{botKey}"], secret: env:TEST_SECRET }
            - { name: eng, kind: person, groups: [engineers], sshKeys: ["{engKey}", "{engEcdsaKey}"] }
            - { name: ops, kind: agent, groups: [operators], sshKeys: ["{opsKey}"] }
            - { name: dana, kind: person, groups: [oncall, admin], secret: env:TEST_SECRET }
            - { name: nobody, kind: person, groups: [visitors], sshKeys: ["{nobodyKey}"] }
        resources:
          - { name: web1, ssh: { upstream: 127.0.0.1:{upstream}, user: "{user}", privateKey: file:{userKey}, hostKey: "{hostKey}" } }
          - { name: desk, ssh: { upstream: 127.0.0.1:{upstream}, user: "{user}", privateKey: file:{userKey}, hostKey: "{hostKey}" } }
          - { name: impostor, ssh: { upstream: 127.0.0.1:{upstream}, user: "{user}", privateKey: file:{userKey}, hostKey: "{botKey}" } }
          - { name: scripted, ssh: { upstream: 127.0.0.1:{scripted}, user: "{user}", privateKey: file:{userKey}, hostKey: "{hostKey}" } }
          - { name: down, ssh: { upstream: 127.0.0.1:1, user: "{user}", privateKey: file:{userKey}, hostKey: "{hostKey}" } }

        """;

    private readonly TemporaryFolder _client = new("ssh-client");

    /// <summary>Whose server the target is, and whose clients come.</summary>
    protected virtual OpenSsh Peers => OpenSsh.Installed;

    /// <summary>More lines of sallyport.yaml.</summary>
    protected virtual string Settings => "";

    public SshServer Server { get; private set; } = null!;

    public GatewayProcess Gateway { get; private set; } = null!;

    /// <summary>Plays the target of the resource <c>scripted</c>.</summary>
    internal RawTargets Targets { get; } = new();

    /// <summary>Files of the client's side.</summary>
    public string ClientFolder => _client.FullPath;

    /// <summary>Files of the target's side; agents may write under <c>in</c>.</summary>
    public string Files => Server["files"];

    /// <summary>A port of the target that agents may be forwarded to, and one that they may have forwarded back.</summary>
    public int WebPort { get; } = FreePort.Next();

    public int BackPort { get; } = FreePort.Next();

    /// <summary>A port of the target that agents may be forwarded to when people let them.</summary>
    public int HeldPort { get; } = FreePort.Next();

    private static Dictionary<string, string?> Environment { get; } = new() { ["TEST_SECRET"] = Secret };

    public async Task InitializeAsync()
    {
        foreach (var name in (string[])["bot", "eng", "ops", "nobody"])
            (await Command.RunAsync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", _client[name]])).OrThrow("ssh-keygen");
        // JSch has nothing newer.
        (await Command.RunAsync("ssh-keygen", ["-q", "-t", "ecdsa", "-m", "PEM", "-N", "", "-f", _client["eng-ecdsa"]])).OrThrow("ssh-keygen");
        Server = await SshServer.StartAsync(Peers);
        Targets.HostKeyFile = Server["host"];
        Directory.CreateDirectory(Path.Combine(Files, "in"));
        Directory.CreateDirectory(Path.Combine(Files, "held"));
        var words = new Dictionary<string, string>
        {
            ["{botKey}"] = Line("bot"),
            ["{engKey}"] = Line("eng"),
            ["{engEcdsaKey}"] = Line("eng-ecdsa"),
            ["{opsKey}"] = Line("ops"),
            ["{nobodyKey}"] = Line("nobody"),
            ["{upstream}"] = Server.Port.ToString(CultureInfo.InvariantCulture),
            ["{scripted}"] = Targets.Port.ToString(CultureInfo.InvariantCulture),
            ["{user}"] = System.Environment.UserName,
            ["{userKey}"] = Server.UserKey,
            ["{hostKey}"] = Server.HostKey,
            ["{files}"] = Files,
            ["{web}"] = WebPort.ToString(CultureInfo.InvariantCulture),
            ["{held}"] = HeldPort.ToString(CultureInfo.InvariantCulture),
            ["{back}"] = BackPort.ToString(CultureInfo.InvariantCulture),
        };
        Gateway = await GatewayProcess.StartAsync(Fill(Configuration + Settings, words), Fill(Policy, words), Environment);
        await File.WriteAllLinesAsync(_client["known_hosts"],
            Directory.GetFiles(Path.Combine(Gateway.Folder, "data", "ssh"), "ssh_host_*.pub").Select(f => $"[127.0.0.1]:{Gateway.Port} {File.ReadAllText(f).Trim()}"));
        await File.WriteAllTextAsync(_client["config"], $"""
            Host *
              HostName 127.0.0.1
              Port {Gateway.Port}
              IdentitiesOnly yes
              BatchMode yes
              StrictHostKeyChecking yes
              UserKnownHostsFile {_client["known_hosts"]}
              ConnectTimeout 30
            Match user bot+*
              IdentityFile {_client["bot"]}
            Match user eng+*
              IdentityFile {_client["eng"]}
            Match user ops+*
              IdentityFile {_client["ops"]}
            Match user nobody+*
              IdentityFile {_client["nobody"]}
            """);
    }

    public async Task DisposeAsync()
    {
        await Gateway.DisposeAsync();
        Targets.Dispose();
        Server.Dispose();
        _client.Dispose();
    }

    /// <summary>Starts the gateway again on its files, after it was stopped or killed.</summary>
    public Task RestartAsync() => Gateway.RestartAsync(Environment);

    public string KeyOf(string principal) => _client[principal];

    public string Client(string name) => _client[name];

    public string ConfigFile => _client["config"];

    /// <summary>The ordinary ssh as a principal, with options before the host and the command after it.</summary>
    public Task<CommandResult> SshAsync(string principal, IEnumerable<string> options, string? command, string input = "", string resource = "web1") =>
        Command.RunAsync(Peers.Ssh, ["-F", ConfigFile, .. options, $"{principal}+{resource}@gw", .. command is null ? Array.Empty<string>() : [command]], input: input,
            cancellation: new CancellationTokenSource(TimeSpan.FromMinutes(2)).Token);

    public Task<CommandResult> SshAsync(string principal, string command, string input = "") => SshAsync(principal, [], command, input);

    /// <summary>
    /// A line for the shell of this machine; <c>$SSH</c>, <c>$SCP</c> and <c>$SFTP</c> are the clients with their configuration,
    /// <c>$HERE</c> is the client's folder and <c>$FILES</c> the target's, <c>$CLIENTS</c> has the programs that drive libraries.
    /// </summary>
    public Task<CommandResult> ShellAsync(string line) => Command.RunAsync("/bin/sh", ["-c", line],
        new Dictionary<string, string?>
        {
            ["SSH"] = $"{Peers.Ssh} -F {ConfigFile}",
            ["SCP"] = $"{Peers.Scp} -q -F {ConfigFile}",
            ["SFTP"] = $"{Peers.Sftp} -q -F {ConfigFile}",
            ["CFG"] = ConfigFile,
            ["HERE"] = ClientFolder,
            ["FILES"] = Files,
            ["PORT"] = Gateway.Port.ToString(CultureInfo.InvariantCulture),
            ["CLIENTS"] = Repository.Clients,
            ["NODE_PATH"] = Repository.NodeModules,
        },
        cancellation: new CancellationTokenSource(TimeSpan.FromMinutes(3)).Token);

    public Task<CommandResult> SallyportAsync(params string[] arguments) => GatewayProgram.RunAsync(
        [.. arguments, "--config", Path.Combine(Gateway.Folder, "sallyport.yaml")],
        new Dictionary<string, string?>(Environment) { ["SALLYPORT_AS"] = "dana", ["SALLYPORT_SECRET"] = Secret });

    /// <summary>The id of the hold that waits with this text.</summary>
    public async Task<string> HoldAsync(string text)
    {
        for (var tries = 0; tries < 60; tries++)
        {
            var list = (await SallyportAsync("approvals", "list", "--json")).OrThrow("approvals list").Output;
            foreach (var hold in JsonDocument.Parse(list).RootElement.EnumerateArray())
            {
                if (hold.GetRawText().Contains(JsonEncodedText.Encode(text).ToString(), StringComparison.Ordinal))
                    return hold.GetProperty("id").GetString()!;
            }
        }
        throw new InvalidOperationException($"nothing waits with: {text}\n{Gateway.Log}");
    }

    /// <summary>What the last session's recording has, as JSON lines.</summary>
    public async Task<string> LastRecordingAsync()
    {
        var list = (await SallyportAsync("sessions", "list", "--json")).OrThrow("sessions list").Output;
        var last = JsonDocument.Parse(list).RootElement.EnumerateArray().Select(static s => s.GetProperty("id").GetString()!).Max(StringComparer.Ordinal)!;
        return (await SallyportAsync("sessions", "export", last)).OrThrow("sessions export").Output;
    }

    /// <summary>How the newest session ended, once no session is open any more.</summary>
    public async Task<string> LastEndAsync()
    {
        for (var tries = 0; tries < 60; tries++)
        {
            var text = (await SallyportAsync("sessions", "list", "--json")).OrThrow("sessions list").Output;
            var list = JsonDocument.Parse(text).RootElement.EnumerateArray().ToList();
            if (list.All(static s => s.TryGetProperty("end", out var end) && end.ValueKind == JsonValueKind.String))
                return list.MaxBy(static s => s.GetProperty("id").GetString(), StringComparer.Ordinal).GetProperty("end").GetString()!;
        }
        throw new InvalidOperationException($"a session does not end\n{Gateway.Log}");
    }

    /// <summary>The gateway's resident memory in bytes.</summary>
    public long Memory() => 1024 * long.Parse(
        File.ReadLines($"/proc/{Gateway.ProcessId}/status").First(static l => l.StartsWith("VmRSS:", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture);

    private string Line(string name) => string.Join(' ', File.ReadAllText(_client[name + ".pub"]).Split(' ')[..2]);

    private static string Fill(string text, Dictionary<string, string> words)
    {
        foreach (var (word, value) in words)
            text = text.Replace(word, value, StringComparison.Ordinal);
        return text;
    }
}

[CollectionDefinition(nameof(SshGateway))]
public sealed class SshGatewayUsers : ICollectionFixture<SshGateway>;
