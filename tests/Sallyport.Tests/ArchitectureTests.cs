using System.Reflection;

namespace Sallyport.Tests;

/// <summary>The direction of dependencies: protocols and parts know Core alone, and only the executable knows all.</summary>
public sealed class ArchitectureTests
{
    public static TheoryData<Type> Parts =>
    [
        typeof(Policy.PolicySnapshot),
        typeof(Masking.TextMasker),
        typeof(Recording.Recorder),
        typeof(Approvals.ApprovalBroker),
        typeof(Identity.IdentityVerifier),
        typeof(Storage.SqliteStore),
    ];

    [Theory]
    [MemberData(nameof(Parts))]
    public void APartKnowsCoreAndNoOtherPart(Type part) =>
        Assert.Equal(["Sallyport.Core"], Own(part.Assembly));

    [Theory]
    [InlineData(typeof(Postgres.PostgresHandler))]
    [InlineData(typeof(Ssh.Replay.SshTranscript))]
    public void AProtocolKnowsCoreAndTheTransportAtMost(Type protocol) =>
        Assert.Subset(new HashSet<string> { "Sallyport.Core", "Sallyport.Sockets" }, Own(protocol.Assembly).ToHashSet());

    [Fact]
    public void SshKnowsNoPartEither() =>
        Assert.Empty(Own(typeof(Ssh.Authentication.ServerAuthentication).Assembly).Except(["Sallyport.Core", "Sallyport.Sockets"]));

    [Fact]
    public void SshsKeysAndTransportKnowNothingOfTheGateway()
    {
        var types = typeof(Ssh.Keys.ISigner).Assembly.GetTypes()
            .Where(static type => type.Namespace is { } name && (name.StartsWith("Sallyport.Ssh.Keys", StringComparison.Ordinal) ||
                name.StartsWith("Sallyport.Ssh.Transport", StringComparison.Ordinal)))
            .Where(static type => Touches(type, "Sallyport.Core"));

        Assert.Empty(types);
    }

    [Fact]
    public void TheTransportKnowsNobody() => Assert.Empty(Own(typeof(Sockets.Pipes.SocketPipe).Assembly));

    [Fact]
    public void CoreKnowsNobodyAndNoPackage()
    {
        var core = typeof(Core.Principal).Assembly;

        Assert.Empty(Own(core));
        Assert.All(core.GetReferencedAssemblies(), static name => Assert.StartsWith("System.", name.Name, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(typeof(Postgres.PostgresHandler), "Sallyport.Postgres.PostgresHandler")]
    [InlineData(typeof(Ssh.Replay.SshTranscript), "Sallyport.Ssh.SshHandler")]
    public void KestrelIsKnownToTheHandlerOfAProtocolAlone(Type protocol, string handler)
    {
        var types = protocol.Assembly.GetTypes()
            .Where(static type => Touches(type, "Microsoft.AspNetCore"))
            .Select(static type => (type.DeclaringType ?? type).FullName!);

        Assert.Subset(new HashSet<string> { handler }, types.ToHashSet());
    }

    private static string[] Own(Assembly assembly) =>
        [.. assembly.GetReferencedAssemblies().Select(static name => name.Name!).Where(static name => name.StartsWith("Sallyport", StringComparison.Ordinal))];

    private static bool Touches(Type type, string prefix)
    {
        const BindingFlags All = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        var used = type.GetFields(All).Select(static f => f.FieldType)
            .Concat(type.GetMethods(All).SelectMany(static m => m.GetParameters().Select(static p => p.ParameterType).Append(m.ReturnType)))
            .Append(type.BaseType ?? typeof(object));
        return used.Any(t => t.Namespace?.StartsWith(prefix, StringComparison.Ordinal) == true);
    }
}
