using System.Globalization;
using Sallyport.EndToEnd.Tests.Gateway;
using Sallyport.Testing.Gateway;
using Sallyport.Testing.Wire;

namespace Sallyport.EndToEnd.Tests.Legs;

/// <summary>One gateway before many servers that break the protocol, each a resource of its own, all under masks.</summary>
public sealed class UglyUpstreams : IAsyncLifetime
{
    private const string Policy = """
        version: 1
        rules: [{ name: all, who: agents, on: everything, do: read, then: allow }]
        masks: [{ name: keys, who: agents, on: everything, detect: [aws_key, pan], with: redact }]
        """;

    private readonly Dictionary<string, ScriptedUpstream> _upstreams = new()
    {
        ["tls_bytes"] = new(UglyScripts.BytesAfterTlsConsentAsync),
        ["long_nonce"] = new(UglyScripts.ScramNonceOf(60_000)),
        ["foreign_nonce"] = new(UglyScripts.ScramNonceOf(40)),
        ["length_three"] = new(UglyScripts.LyingLength('D', 3)),
        ["length_negative"] = new(UglyScripts.LyingLength('Z', -1)),
        ["length_huge"] = new(UglyScripts.LyingLength('T', int.MaxValue)),
        ["no_sqlstate"] = new(UglyScripts.ErrorWithoutSqlState),
        ["more_values"] = new(UglyScripts.MoreValuesThanColumns),
        ["no_description"] = new(UglyScripts.RowWithoutDescription),
        ["unknown_type"] = new(UglyScripts.LyingLength('?', 12)),
        ["catalogue_unknown_type"] = new(UglyScripts.AnsweringAll(Messages.Message('?', Messages.Int32(1)))),
        ["catalogue_of_words"] = new(UglyScripts.AnsweringAll(
            ScriptedConnection.DataRow("a", "b", "c", "secret"), ScriptedConnection.CommandComplete("SELECT 1"), ScriptedConnection.Ready())),
        ["honest"] = new(UglyScripts.Answering(ScriptedConnection.CommandComplete("SELECT 0"), ScriptedConnection.Ready())),
        ["silent"] = new(UglyScripts.SilentAsync),
    };

    public GatewayProcess Gateway { get; private set; } = null!;

    public Task<RawPostgresClient> LoginAsync(string resource) =>
        RawPostgresClient.LoginAsync(Gateway.Target("agent", ShopGateway.Secret, resource));

    public async Task InitializeAsync()
    {
        var resources = _upstreams.Select(static u => string.Create(
            CultureInfo.InvariantCulture,
            $"  - {{ name: {u.Key}, postgres: {{ upstream: 127.0.0.1:{u.Value.Port}, user: any, password: env:TEST_SECRET, tls: {(u.Key == "tls_bytes" ? "require" : "disable")} }} }}"));
        var configuration = $$"""
            listen: { postgres: 127.0.0.1:{port}, admin: {folder}/admin.sock }
            data: {folder}/data
            policy: {folder}/policy.yaml
            recording: { watermark: 64MiB }
            identity:
              principals: [{ name: agent, kind: agent, groups: [agents], secret: env:TEST_SECRET }]
            resources:
            {{string.Join('\n', resources)}}
            """;
        Gateway = await GatewayProcess.StartAsync(configuration, Policy, ShopGateway.Environment);
    }

    public async Task DisposeAsync()
    {
        await Gateway.DisposeAsync();
        foreach (var upstream in _upstreams.Values)
            await upstream.DisposeAsync();
    }
}
