using Sallyport.EndToEnd.Tests.Gateway;
using Sallyport.Testing.Postgres;
using Sallyport.Testing.Processes;
using Sallyport.Testing.Runners;
using Sallyport.Testing.Wire;

namespace Sallyport.EndToEnd.Tests.Legs;

/// <summary>
/// What changes while the gateway runs: the policy, the principals, the certificate. What is wrong changes nothing and is said.
/// </summary>
public sealed class ReloadTests : IClassFixture<ShopGateway>, IAsyncLifetime
{
    private readonly ShopGateway _shop;
    private string _configuration = "";

    public ReloadTests(ShopGateway shop) => _shop = shop;

    private string ConfigurationFile => Path.Combine(_shop.Gateway.Folder, "sallyport.yaml");

    public async Task InitializeAsync() => _configuration = await File.ReadAllTextAsync(ConfigurationFile);

    public async Task DisposeAsync()
    {
        await File.WriteAllTextAsync(ConfigurationFile, _configuration);
        await _shop.Gateway.WritePolicyAsync(ShopGateway.Policy);
    }

    [Fact]
    public async Task WarningsOfThePolicyAreLoggedAtAReloadAndAtAStart()
    {
        await _shop.Gateway.WritePolicyAsync(ShopGateway.Policy.Replace("who: engineers,", "who: [engineers, enginers],",
            StringComparison.Ordinal));
        await UntilLoggedAsync("group \\u0022enginers\\u0022", 1);

        await _shop.Gateway.StopAsync();
        await _shop.Gateway.RestartAsync(ShopGateway.Environment);

        await UntilLoggedAsync("group \\u0022enginers\\u0022", 2);
    }

    [Fact]
    public async Task ANewPrincipalLogsInWithoutARestartAndLeavesWithItsLine()
    {
        Assert.Contains("access denied", (await PsqlAsync("temp")).Error, StringComparison.Ordinal);

        await WriteAsync(_configuration.Replace("principals:\n",
            "principals:\n    - { name: temp, groups: [engineers], secret: env:TEST_SECRET }\n", StringComparison.Ordinal));
        await HoldTests.UntilAsync(async () => (await PsqlAsync("temp")).Output == "1\n");
        await using var client = await _shop.LoginAsync("temp");
        await using var other = await _shop.LoginAsync("engineer");

        await WriteAsync(_configuration);
        await HoldTests.UntilAsync(async () => (await PsqlAsync("temp")).Error.Contains("access denied", StringComparison.Ordinal));
        await client.SendAsync(Messages.Query("select 1"));
        Assert.Equal("FATAL", (await client.ReadThroughAsync('E'))[^1].Field('V'));
        Assert.Equal('T', (await other.QueryAsync("select 1"))[0].Type);
    }

    [Fact]
    public async Task ABadConfigurationKeepsThePrincipalsAndSaysEveryMistake()
    {
        await WriteAsync(_configuration.Replace("{ name: nobody, kind: person", "{ nam: nobody, kind: persn", StringComparison.Ordinal));

        await UntilLoggedAsync("the configuration was refused, the old one stays in force", 1);
        Assert.Contains("persn", _shop.Gateway.Log, StringComparison.Ordinal);
        Assert.Contains("Did you mean name?", _shop.Gateway.Log, StringComparison.Ordinal);
        Assert.Equal("1\n", (await PsqlAsync("agent")).Output);
    }

    [Fact]
    public async Task ARenewedCertificateIsServedWithoutARestartAndABrokenOneIsNot()
    {
        using var folder = new TemporaryFolder("tls");
        using var first = new TestAuthority(Directory.CreateDirectory(folder["first"]).FullName);
        using var second = new TestAuthority(Directory.CreateDirectory(folder["second"]).FullName);
        Install(first.Issue("gateway"), folder);
        await WriteAsync($"tls: {{ certificate: \"file:{folder["own.pem"]}\", key: \"file:{folder["own.key"]}\" }}\n{_configuration}");
        await HoldTests.UntilAsync(() => IsTrustedAsync(first));

        Install(second.Issue("gateway"), folder);
        await HoldTests.UntilAsync(() => IsTrustedAsync(second));
        Assert.False(await IsTrustedAsync(first));

        File.Copy(first.Issue("another").Key, folder["own.key"], overwrite: true);
        await UntilLoggedAsync("the certificate was refused, the old one stays in force", 1);
        Assert.True(await IsTrustedAsync(second));
    }

    private static void Install((string Certificate, string Key) issued, TemporaryFolder folder)
    {
        File.Copy(issued.Key, folder["own.key"], overwrite: true);
        File.Copy(issued.Certificate, folder["own.pem"], overwrite: true);
    }

    private async Task<bool> IsTrustedAsync(TestAuthority authority)
    {
        var target = _shop.As("agent") with { Host = "localhost", SslMode = "verify-full", RootCertificate = authority.RootFile };
        return (await ClientRunner.PsqlAsync("select 1;", target)).Output == "1\n";
    }

    private Task WriteAsync(string configuration) => File.WriteAllTextAsync(ConfigurationFile, configuration);

    private Task<ClientResult> PsqlAsync(string principal) => ClientRunner.PsqlAsync("select 1;", _shop.As(principal));

    private Task UntilLoggedAsync(string words, int times) =>
        HoldTests.UntilAsync(() =>
            Task.FromResult(_shop.Gateway.Log.Split('\n').Count(l => l.Contains(words, StringComparison.Ordinal)) >= times));
}
