using System.Globalization;
using System.Text.Json;
using Sallyport.Testing.Gateway;
using Sallyport.Testing.Postgres;
using Sallyport.Testing.Processes;
using Sallyport.Testing.Runners;
using Sallyport.Testing.Wire;

namespace Sallyport.EndToEnd.Tests.Gateway.Budgets;

/// <summary>
/// A real PostgreSQL and a gateway whose principals may do everything, within budgets: <c>reader</c> ten rows a session, <c>masked</c>
/// too and with a mask, <c>sharer</c> ten rows in all its sessions, <c>writer</c> five written rows, <c>hurried</c> four statements a
/// minute (its deletes wait for <c>dana</c>, and it may not drop), <c>watched</c> two rows of each that are only observed, <c>roomy</c> more than
/// any test needs.
/// </summary>
public sealed class BudgetGateway : IAsyncLifetime
{
    public const string Policy = """
        version: 1
        rules:
          - { name: all, who: all, on: shop, do: [read, write, create, alter, drop, privilege, session, transaction, opaque, server], then: allow }
          - { name: deletes-wait, who: 'agent:hurried', on: shop, do: delete, then: hold, approvers: oncall, within: 30s }
          - { name: no-drop, who: 'agent:hurried', on: shop, do: drop, then: deny }
        masks:
          - { name: hidden, on: shop, who: 'agent:masked', columns: { public.secrets.word: redact } }
        budgets:
          - { name: few-rows, who: ['agent:reader', 'agent:masked'], on: shop, per: session, rowsRead: 10, message: Ask for an export. }
          - { name: shared-rows, who: 'agent:sharer', on: shop, per: principal, rowsRead: 10, within: 1h }
          - { name: few-writes, who: 'agent:writer', on: shop, per: session, rowsWritten: 5, within: 1h }
          - { name: slow, who: 'agent:hurried', on: shop, per: session, statementsPerMinute: 4 }
          - { name: eyes-only, who: 'agent:watched', on: shop, per: session, rowsRead: 2, rowsWritten: 2, statementsPerMinute: 2, mode: observe }
          - { name: roomy, who: 'agent:roomy', on: everything, per: principal, rowsRead: 2000000000, rowsWritten: 2000000000, statementsPerMinute: 1000000, within: 1h }
        """;

    private const string Seed = """
        create database shop;
        \c shop
        create table many (n int primary key);
        insert into many select generate_series(1, 100000);
        create table secrets (id int, word text);
        insert into secrets select n, 'the secret word ' || n from many where n <= 1000;
        create table written (n int);
        """;

    private const string Configuration = """
        listen: { postgres: 127.0.0.1:{port}, admin: {folder}/admin.sock }
        data: {folder}/data
        policy: {folder}/policy.yaml
        recording: { watermark: 64MiB }
        identity:
          principals:
            - { name: reader, kind: agent, groups: [all], secret: env:TEST_SECRET }
            - { name: masked, kind: agent, groups: [all], secret: env:TEST_SECRET }
            - { name: sharer, kind: agent, groups: [all], secret: env:TEST_SECRET }
            - { name: writer, kind: agent, groups: [all], secret: env:TEST_SECRET }
            - { name: hurried, kind: agent, groups: [all], secret: env:TEST_SECRET }
            - { name: watched, kind: agent, groups: [all], secret: env:TEST_SECRET }
            - { name: roomy, kind: agent, groups: [all], secret: env:TEST_SECRET }
            - { name: dana, kind: person, groups: [oncall, admin], secret: env:TEST_SECRET }
        resources:
          - { name: shop, postgres: { upstream: 127.0.0.1:{upstream}, database: shop, user: postgres, password: env:UPSTREAM_PASSWORD, tls: disable } }
        """;

    public PostgresServer Server { get; private set; } = null!;

    public GatewayProcess Gateway { get; private set; } = null!;

    public ConnectionTarget As(string principal) => Gateway.Target(principal, ShopGateway.Secret, "shop");

    public Task<RawPostgresClient> LoginAsync(string principal) => RawPostgresClient.LoginAsync(As(principal));

    /// <summary>The server's own truth, past the gateway.</summary>
    public Task<string> TruthAsync(string sql) => Server.ExecuteAsync(sql, "shop");

    public Task<CommandResult> SallyportAsync(params string[] arguments) => GatewayProgram.RunAsync(
        [.. arguments, "--config", Path.Combine(Gateway.Folder, "sallyport.yaml")],
        new Dictionary<string, string?>(ShopGateway.Environment) { ["SALLYPORT_AS"] = "dana", ["SALLYPORT_SECRET"] = ShopGateway.Secret });

    /// <summary>All that was recorded of the newest session of a principal, as JSON lines.</summary>
    public async Task<string> RecordedAsync(string principal)
    {
        var list = await SallyportAsync("sessions", "list", "--json");
        var session = JsonDocument.Parse(list.Output).RootElement.EnumerateArray().First(s => s.GetProperty("principal").GetString() == principal);
        return (await SallyportAsync("sessions", "export", session.GetProperty("id").GetString()!, "--format", "jsonl")).Output;
    }

    /// <summary>Replaces something in the policy, or with nothing to replace brings it back, and waits until that is in force.</summary>
    public async Task ReloadAsync(string old = "", string with = "")
    {
        var policy = old.Length == 0 ? Policy : Policy.Replace(old, with, StringComparison.Ordinal);
        var line = $"policy {Sallyport.Policy.PolicyFile.Digest(System.Text.Encoding.UTF8.GetBytes(policy))} is in force";
        var last = Gateway.Log.Split('\n').LastOrDefault(static l => l.Contains("is in force", StringComparison.Ordinal) && l.Contains("policy ", StringComparison.Ordinal));
        if (last?.Contains(line, StringComparison.Ordinal) == true)
            return;
        var before = Times();
        await Gateway.WritePolicyAsync(policy);
        await HoldTests.UntilAsync(() => Task.FromResult(Times() > before));

        int Times() => Gateway.Log.Split('\n').Count(l => l.Contains(line, StringComparison.Ordinal));
    }

    public async Task InitializeAsync()
    {
        Server = await PostgresServer.StartAsync(new PostgresOptions { Seed = Seed });
        var upstream = Server.Port.ToString(CultureInfo.InvariantCulture);
        Gateway = await GatewayProcess.StartAsync(Configuration.Replace("{upstream}", upstream, StringComparison.Ordinal), Policy, ShopGateway.Environment);
    }

    public async Task DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Server.DisposeAsync();
    }
}

/// <summary>One gateway for all tests of budgets, which run one after another.</summary>
[CollectionDefinition(Name)]
public sealed class BudgetCollection : ICollectionFixture<BudgetGateway>
{
    public const string Name = "budgets";
}

/// <summary>What an answer looks like: its messages' types, runs of rows shortened to their number.</summary>
internal static class Answers
{
    public static string Shape(IEnumerable<PostgresMessage> messages)
    {
        var shape = "";
        var rows = 0;
        foreach (var message in messages.Where(static m => m.Type is not ('N' or 'S')))
        {
            rows += message.Type is 'D' or 'd' ? 1 : 0;
            if (message.Type is 'D' or 'd')
                continue;
            shape += (rows > 0 ? $"({rows})" : "") + message.Type + (message.Type == 'Z' ? ((char)message.Body[0]).ToString().ToLowerInvariant() : "");
            rows = 0;
        }
        return shape;
    }

    public static PostgresMessage Error(IEnumerable<PostgresMessage> messages) => messages.Single(static m => m.Type == 'E');
}
