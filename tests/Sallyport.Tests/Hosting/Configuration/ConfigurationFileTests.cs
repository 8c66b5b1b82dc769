using System.Text;
using Sallyport.Core;
using Sallyport.Hosting.Configuration;
using Sallyport.Policy.Yaml;
using Sallyport.Postgres;

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
            listen: { postgres: 6432, ssh: 127.0.0.1:2222 }
            limits: { sesions: 10, startupDeadline: 3 }
            identity: { principals: [{ name: dana, secret: hunter2 }, { name: DANA }] }
            resources:
              - { name: "a b", postgres: { upstream: "db:99999", user: svc, tls: verify_full } }
              - { name: web, ssh: { upstream: web:22 } }
            """, out var problems));
        Assert.Equal([1, 1, 2, 2, 3, 3, 5, 5, 5, 6, 6], problems.Select(static p => p.Line));
        Assert.Contains(problems, static p => p.Message.Contains("Did you mean sessions?", StringComparison.Ordinal));
        Assert.Contains(problems, static p => p.Message.Contains("Did you mean verify-full?", StringComparison.Ordinal));
        Assert.DoesNotContain(problems, static p => p.Message.Contains("hunter2", StringComparison.Ordinal));
    }

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

    private static GatewayOptions? Read(string yaml, out IReadOnlyList<YamlProblem> problems) =>
        ConfigurationFile.Parse("sallyport.yaml", Encoding.UTF8.GetBytes(yaml), "/etc/sallyport/sallyport.yaml", out problems);
}
