using System.Text;
using Sallyport.Core;
using Sallyport.Hosting.Configuration;
using Sallyport.Identity;
using Sallyport.Policy.Yaml;
using Sallyport.Postgres;
using Sallyport.Ssh;
using Sallyport.Ssh.Commands;

namespace Sallyport.Tests.Hosting.Configuration;

public sealed class ConfigurationFileTests
{
    private const string Good = """
        listen: { postgres: 127.0.0.1:6432 }
        data: ./state
        identity:
          principals:
            - { name: bot-7, kind: agent, groups: [agents], secret: env:BOT7_SECRET, onBehalfOf: ana }
            - { name: dana, groups: oncall, secret: file:secrets/dana }
        resources:
          - { name: shop, labels: {env: prod}, postgres: { upstream: db.internal:5433, user: svc, password: env:SHOP_PASSWORD } }
        """;

    [Fact]
    public void PathsAreRelativeToTheFile()
    {
        var options = Read(Good, out _)!;
        Assert.Equal("/etc/sallyport/state", options.Data);
        Assert.Equal("/etc/sallyport/policy.yaml", options.Policy);
        Assert.Equal("/etc/sallyport/state/admin.sock", options.Listen.AdminSocket);
        Assert.Equal("file:/etc/sallyport/secrets/dana", options.Identity.Principals[1].Secret!.Description);
    }

    [Fact]
    public void AnUpstreamThatIsNotThisMachineIsVerifiedUnlessSaidOtherwise()
    {
        var shop = Assert.IsType<PostgresResource>(Assert.Single(Read(Good, out _)!.Resources));
        Assert.Equal(("db.internal", 5433, "shop", UpstreamTls.VerifyFull), (shop.Host, shop.Port, shop.Database, shop.Tls));
        Assert.Equal((Durability.Buffered, Durability.Durable), (shop.RecordReads, shop.RecordWrites));
        Assert.Equal("prod", shop.Labels["env"]);
    }

    [Fact]
    public void WhatIsKnownOfTheDatabasesOwnCodeIsSaidByTheResource()
    {
        var shop = Shop("functions: [public.slugify, 'reporting.*', '\"odd.one\".f'], attachedCode: opaque", out _)!;
        Assert.True(shop.Trust.Includes("public", "slugify") && shop.Trust.Includes("reporting", "x") && shop.Trust.Includes("odd.one", "f"));
        Assert.False(shop.Trust.Includes("public", "slug") || shop.Trust.Includes("other", "slugify"));
        Assert.False(shop.Trust.IsAttachedLent);
        Assert.True(Shop("functions: public.slugify", out _)!.Trust.IsAttachedLent);
    }

    [Theory]
    [InlineData("functions: slugify", "is not schema.name")]
    [InlineData("functions: a.b.c", "is not schema.name")]
    [InlineData("functions: ['*.slugify']", "leaves the schema open")]
    [InlineData("functions: ['*.*']", "leaves the schema open")]
    [InlineData("attachedCode: lend", "Did you mean lent?")]
    public void APatternThatMeansTooMuchIsAMistake(string keys, string message)
    {
        Assert.Null(Shop(keys, out var problems));
        Assert.Contains(message, Assert.Single(problems).Message, StringComparison.Ordinal);
    }

    private static PostgresResource? Shop(string keys, out IReadOnlyList<YamlProblem> problems) =>
        Read(Good.Replace("password: env:SHOP_PASSWORD", "password: env:SHOP_PASSWORD, " + keys, StringComparison.Ordinal), out problems)
            ?.Resources.OfType<PostgresResource>().Single();

    [Fact]
    public void EveryMistakeIsReportedAtOnceWithItsLine()
    {
        Assert.Null(Read("""
            listen: { postgres: 6432, https: 127.0.0.1:8443 }
            limits: { sesions: 10, startupDeadline: 3 }
            identity: { principals: [{ name: dana, secret: hunter2 }, { name: DANA }] }
            resources:
              - { name: "a b", postgres: { upstream: "db:99999", user: svc, tls: verify_full } }
              - { name: web, ssh: { upstream: web:22 } }
            """, out var problems));
        Assert.Equal([1, 1, 2, 2, 3, 3, 5, 5, 5, 6, 6, 6], problems.Select(static p => p.Line));
        Assert.Contains(problems, static p => p.Message.Contains("Did you mean sessions?", StringComparison.Ordinal));
        Assert.Contains(problems, static p => p.Message.Contains("Did you mean verify-full?", StringComparison.Ordinal));
        Assert.DoesNotContain(problems, static p => p.Message.Contains("hunter2", StringComparison.Ordinal));
    }

    [Fact]
    public void AHostIsReachedWithACredentialAndKnownByItsKey()
    {
        var host = Host($"user: deploy, privateKey: file:key, hostKey: [\"{Key(1)}\", \"@cert-authority {Key(2)}\"], shell: other, recordInput: false", out _)!;
        Assert.Equal(("web1.internal", 2200, "deploy"), (host.Host, host.Port, host.User));
        Assert.Equal((1, 1), (host.HostKeys.Keys.Count, host.HostKeys.Authorities.Count));
        Assert.Equal((TargetShell.Other, false, false), (host.Shell, host.RecordsInput, host.TrustsFirstUse));
    }

    [Theory]
    [InlineData("user: deploy, privateKey: file:key", "Nothing is trusted unseen")]
    [InlineData("user: deploy, trustOnFirstUse: true", "needs a privateKey, a password, or certificate: true")]
    [InlineData("privateKey: file:key, trustOnFirstUse: true", "\"user\" is missing")]
    [InlineData("user: deploy, certificate: true, hostKey: ssh-dss AAAA", "is a DSA key")]
    public void AHostThatCouldNotBeTrustedOrReachedIsAMistake(string keys, string message)
    {
        Assert.Null(Host(keys, out var problems));
        Assert.Contains(message, Assert.Single(problems).Message, StringComparison.Ordinal);
    }

    private static SshResource? Host(string keys, out IReadOnlyList<YamlProblem> problems) =>
        Read($"listen: {{ ssh: 127.0.0.1:2222 }}\nresources: [{{ name: web1, ssh: {{ upstream: web1.internal:2200, {keys} }} }}]", out problems)
            ?.Resources.OfType<SshResource>().Single();

    [Theory]
    [InlineData("127.0.0.1", false)]
    [InlineData("localhost:6432", false)]
    [InlineData("127.0.0.1:6432", true)]
    [InlineData("'[::1]:6432'", true)]
    public void AListenerIsAnAddressAndAPort(string text, bool isRight) =>
        Assert.Equal(isRight, Read(Good.Replace("127.0.0.1:6432", text, StringComparison.Ordinal), out _) is not null);

    [Fact]
    public void ASocketPathThatTheKernelCannotTakeIsRefused()
    {
        Read(Good.Replace("./state", "./" + new string('x', 100), StringComparison.Ordinal), out var problems);
        Assert.Contains("longer than 107 bytes", Assert.Single(problems).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void PublicKeysAndAuthoritiesAreReadAsSshReadsThem()
    {
        var identity = Keys($$"""
              - { name: ana, sshKeys: ["{{Key(1)}} ana@laptop", "{{Key(2)}}"] }
              - { name: bob, sshKeys: {{Key(3)}} }
            sshAuthorities:
              - { key: "{{Key(4)}}", logins: ["*@corp.example"], groups: engineers, kind: service, revoked: [17, 20-30] }
            """, out _)!.Identity;
        Assert.Equal([2, 1], identity.Principals.Select(static p => p.PublicKeys.Count));
        Assert.Equal(Key(3), "ssh-ed25519 " + Convert.ToBase64String(identity.Principals[1].PublicKeys[0].Span));
        var authority = Assert.Single(identity.CertificateAuthorities);
        Assert.Equal([new SerialRange(17, 17), new SerialRange(20, 30)], authority.Revoked);
        Assert.Equal((PrincipalKind.Service, "*@corp.example", "engineers"),
            (authority.Kind, Assert.Single(authority.Logins), Assert.Single(authority.Groups)));
        Assert.Equal(["engineers"], identity.Groups);
    }

    [Fact]
    public void AKeyThatCouldNeverProveAnythingIsAMistakeWhereItStands()
    {
        Assert.Null(Keys($$"""
              - { name: ana, sshKeys: ["{{Key(1)}}", "ssh-ed25519 AAAA", "ssh-dss AAAA"] }
              - { name: bob, sshKeys: ["{{Key(1)}}"] }
              - { name: eve, sshKeys: ["-----BEGIN OPENSSH PRIVATE KEY-----\nsecret"] }
            sshAuthorities:
              - { key: "{{Key(2)}}", revoked: [30-20, x], login: eve }
              - { key: "{{Key(2)}}" }
              - { groups: [a] }
            """, out var problems));
        Assert.Equal([4, 4, 5, 6, 8, 8, 8, 9, 10], problems.Select(static p => p.Line));
        Assert.True(problems[1].Column > problems[0].Column);
        Assert.Contains(problems, static p => p.Message.Contains("\"ana\"'s already", StringComparison.Ordinal));
        Assert.Contains(problems, static p => p.Message.Contains("there twice", StringComparison.Ordinal));
        Assert.Contains(problems, static p => p.Message.Contains("Did you mean logins?", StringComparison.Ordinal));
        Assert.DoesNotContain(problems, static p => p.Message.Contains("secret", StringComparison.Ordinal));
    }

    /// <summary>A key that is one: a point of the curve for each number.</summary>
    private static string Key(byte number)
    {
        var point = new byte[Org.BouncyCastle.Math.EC.Rfc8032.Ed25519.PublicKeySize];
        Org.BouncyCastle.Math.EC.Rfc8032.Ed25519.GeneratePublicKey([.. Enumerable.Repeat(number, 32)], 0, point, 0);
        return "ssh-ed25519 " + Convert.ToBase64String([0, 0, 0, 11, .. "ssh-ed25519"u8, 0, 0, 0, 32, .. point]);
    }

    private static GatewayOptions? Keys(string lines, out IReadOnlyList<YamlProblem> problems) => Read(
        "listen: { postgres: 127.0.0.1:6432 }\nidentity:\n  principals:\n" +
        string.Concat(lines.Split('\n').Select(static l => $"  {l}\n")) +
        "resources:\n  - { name: shop, postgres: { upstream: localhost, user: svc } }\n", out problems);

    private static GatewayOptions? Read(string yaml, out IReadOnlyList<YamlProblem> problems) =>
        ConfigurationFile.Parse("sallyport.yaml", Encoding.UTF8.GetBytes(yaml), "/etc/sallyport/sallyport.yaml", out problems);
}
