using System.Globalization;
using Sallyport.Hosting;

namespace Sallyport.Cli.Demo;

/// <summary>The two configuration files of the demo. Files that are there stay: the user may have changed them.</summary>
internal static class DemoFiles
{
    public const string Resource = "shop";
    public const string Agent = "bot-7";
    public const string Person = "dana";
    public const string UpstreamUser = "sallyport";

    private const string Policy = """
        version: 1
        rules:
          - { name: everybody-reads, who: [agents, oncall], on: shop, do: read, then: allow }
          - name: agents-writes-wait
            who: agents
            on: shop
            do: write
            then: hold
            approvers: oncall
            within: 10m
            note: Say what the write is for.
          - { name: oncall-writes, who: oncall, on: shop, do: write, then: allow }
          - name: delete-needs-where
            who: everyone
            on: shop
            do: [update, delete]
            if: {where: missing}
            then: deny
            message: Add a WHERE clause.
          - { name: nothing-is-dropped, who: everyone, on: shop, do: drop, then: deny, message: The demo keeps its tables. }
        masks:
          - name: customer-data
            on: shop
            columns: { public.customers.card_number: last4, public.customers.email: email, public.customers.ssn: redact }
        tests:
          - { as: {user: bot-7, groups: [agents], kind: agent}, on: shop, run: select email from customers, expect: allow by everybody-reads mask customers.email }
          - { as: {user: bot-7, groups: [agents], kind: agent}, on: shop, run: update orders set quantity = 1 where id = 1, expect: hold by agents-writes-wait }
          - { as: {user: dana, groups: [oncall, admin]}, on: shop, run: delete from orders, expect: deny by delete-needs-where }
          - { as: {user: bot-7, groups: [agents], kind: agent}, on: shop, run: drop table orders, expect: deny by nothing-is-dropped }

        """;

    public static void Write(DemoFolder folder, DemoPorts ports)
    {
        if (!File.Exists(folder.Config))
            PrivateFiles.Write(folder.Config, Config(ports.Gateway, ports.Database));
        if (!File.Exists(folder.PolicyFile))
            PrivateFiles.Write(folder.PolicyFile, Policy);

        // Ports may be others than the last time.
        PrivateFiles.Write(folder.ClientFile, Client(folder, ports.Gateway));
        PrivateFiles.Write(folder.PasswordFile, $"*:*:{Resource}:{Agent}:{DemoFolder.Read(folder.AgentSecret)}\n");
    }

    private static string Client(DemoFolder folder, int port) => string.Create(CultureInfo.InvariantCulture, $"""
        [{Agent}]
        host=localhost
        hostaddr=127.0.0.1
        port={port}
        dbname={Resource}
        user={Agent}
        passfile={folder.PasswordFile}
        sslmode=verify-full
        sslrootcert={folder.AuthorityFile}

        """);

    private static string Config(int gatewayPort, int databasePort) => string.Create(CultureInfo.InvariantCulture, $$"""
        listen: { postgres: 127.0.0.1:{{gatewayPort}} }
        data: ./data
        policy: ./policy.yaml
        admins: [admin]
        identity:
          principals:
            - { name: {{Agent}}, kind: agent, groups: [agents], secret: file:bot-7.secret }
            - { name: {{Person}}, kind: person, groups: [oncall, admin], secret: file:dana.secret }
        resources:
          - name: {{Resource}}
            labels: { env: demo }
            postgres:
              upstream: 127.0.0.1:{{databasePort}}
              database: {{Resource}}
              user: {{UpstreamUser}}
              password: file:database-gateway.secret
              tls: disable

        """);
}
