using Sallyport.Core;

namespace Sallyport.Policy.Tests;

public sealed class PolicyHolderTests : IDisposable
{
    private const string Open = "version: 1\nrules:\n  - { name: reads, who: everyone, on: shop, do: read, then: allow }\n";
    private const string Closed = "version: 1\nrules:\n  - { name: closed, who: everyone, on: shop, then: deny }\n";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("policy");
    private readonly string _path;
    private readonly PolicyHolder _holder;

    public PolicyHolderTests()
    {
        _path = Path.Combine(_directory.FullName, "policy.yaml");
        _holder = new PolicyHolder(_path, (_, _) => Given.Reads("t"), static () => new PolicyContext { Resources = [Given.Shop] });
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private string Rule() => _holder.Decide(Given.Reads("t"), Given.Person("ana"), Given.Shop, null).Rule;

    private void Load(string text)
    {
        File.WriteAllText(_path, text);
        _holder.Reload();
    }

    [Fact]
    public void BeforeTheFirstGoodFileEverythingIsDenied()
    {
        Assert.Equal(Decision.NoRule, Rule());
        Assert.False(_holder.Reload());
        Assert.Contains("cannot be read", _holder.LastErrors[0].Message, StringComparison.Ordinal);
        Assert.Equal(Decision.NoRule, Rule());
    }

    [Fact]
    public void Threat95_ABadFileKeepsTheOldSnapshotAndSaysEveryError()
    {
        Load(Open);
        var before = _holder.Snapshot;
        Load("version: 1\nrules:\n  - { name: r, who: everyone, on: shop, if: {relation: 'a.b.c'}, then: alow }\n");
        Assert.Equal(before, _holder.Snapshot);
        Assert.Equal("reads", Rule());
        Assert.Equal(2, _holder.LastErrors.Length);
        var snapshot = _holder.Current;
        Load(Open);
        Assert.Empty(_holder.LastErrors);
        Assert.Same(snapshot, _holder.Current);
    }

    [Fact]
    public void AFileThatFailsItsOwnTestsIsRefused()
    {
        Load(Open);
        Load(Closed + "tests:\n  - { as: {user: ana}, on: shop, run: select 1, expect: allow }\n");
        Assert.Equal("reads", Rule());
        Assert.Equal(
            "the test failed: ana on shop, \"select 1\": expected allow, got deny by closed.",
            Assert.Single(_holder.LastErrors).Message);
        Assert.Equal(5, _holder.LastErrors[0].Line);
    }

    [Fact]
    public void AReaderThatThrowsRefusesTheFile()
    {
        File.WriteAllText(_path, Closed + "tests:\n  - { as: {user: ana}, on: shop, run: x, expect: deny }\n");
        var holder = new PolicyHolder(_path, static (_, _) => throw new InvalidOperationException("boom"), () => new PolicyContext { Resources = [Given.Shop] });
        Assert.False(holder.Reload());
        Assert.Contains("boom", holder.LastErrors[0].Message, StringComparison.Ordinal);
    }
}
