using System.Collections.Immutable;
using Microsoft.Extensions.Time.Testing;
using Sallyport.Core;
using Sallyport.Policy.Yaml;

namespace Sallyport.Policy.Tests;

public sealed class PolicyHolderTests : IDisposable
{
    private const string Open = "version: 1\nrules:\n  - { name: reads, who: everyone, on: shop, do: read, then: allow }\n";
    private const string Closed = "version: 1\nrules:\n  - { name: closed, who: everyone, on: shop, then: deny }\n";
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("policy");
    private readonly FakeTimeProvider _time = new();
    private readonly List<string> _swaps = [];
    private readonly List<ImmutableArray<YamlProblem>> _refusals = [];
    private readonly string _path;
    private readonly PolicyHolder _holder;

    public PolicyHolderTests()
    {
        _path = Path.Combine(_directory.FullName, "policy.yaml");
        _holder = new PolicyHolder(_path, (_, _) => Given.Reads("t"), static () => new PolicyContext { Resources = [Given.Shop] }, _time);
        _holder.Swapped += s => _swaps.Add(s.Snapshot);
        _holder.Refused += _refusals.Add;
    }

    public void Dispose()
    {
        _holder.Dispose();
        _directory.Delete(recursive: true);
    }

    private string Rule() => _holder.Decide(Given.Reads("t"), Given.Person("ana"), Given.Shop, null).Rule;

    private void Load(string text)
    {
        File.WriteAllText(_path, text);
        _holder.Reload();
    }

    private void TickTwice()
    {
        _time.Advance(Tick);
        _time.Advance(Tick);
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
        Assert.Equal(_holder.LastErrors, Assert.Single(_refusals));
        Load(Open);
        Assert.Empty(_holder.LastErrors);
        Assert.Equal([before], _swaps);
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
        using var holder = new PolicyHolder(_path, static (_, _) => throw new InvalidOperationException("boom"), () => new PolicyContext { Resources = [Given.Shop] }, _time);
        Assert.False(holder.Reload());
        Assert.Contains("boom", holder.LastErrors[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Threat20_TheWatchSwapsWhatSettled()
    {
        Load(Open);
        _holder.Watch(Tick);
        TickTwice();
        File.WriteAllText(_path, Closed);
        _time.Advance(Tick);
        Assert.Equal("reads", Rule());
        _time.Advance(Tick);
        Assert.Equal("closed", Rule());
        Assert.Equal(2, _swaps.Count);
    }

    [Fact]
    public void TheWatchFollowsARenameOverTheFileAndASwappedSymlink()
    {
        var (one, two) = (_directory.CreateSubdirectory("one").FullName, _directory.CreateSubdirectory("two").FullName);
        File.WriteAllText(Path.Combine(one, "policy.yaml"), Open);
        File.WriteAllText(Path.Combine(two, "policy.yaml"), Closed);
        var data = Path.Combine(_directory.FullName, "data");
        Directory.CreateSymbolicLink(data, one);
        File.CreateSymbolicLink(_path, Path.Combine(data, "policy.yaml"));
        Assert.True(_holder.Reload());
        _holder.Watch(Tick);
        Directory.Delete(data);
        Directory.CreateSymbolicLink(data, two);
        TickTwice();
        Assert.Equal("closed", Rule());
        File.WriteAllText(_path + ".new", Open);
        File.Move(_path + ".new", _path, overwrite: true);
        TickTwice();
        Assert.Equal("reads", Rule());
    }

    [Fact]
    public void ABadOrMissingFileIsReportedOnceByTheWatch()
    {
        Load(Open);
        _holder.Watch(Tick);
        File.Delete(_path);
        TickTwice();
        TickTwice();
        Assert.Single(_refusals);
        Assert.Equal("reads", Rule());
        File.WriteAllText(_path, Open);
        TickTwice();
        Assert.Empty(_holder.LastErrors);
    }
}
