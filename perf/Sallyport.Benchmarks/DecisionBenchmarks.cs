using System.Collections.Frozen;
using System.Text;
using BenchmarkDotNet.Attributes;
using Sallyport.Core;
using Sallyport.Policy;

namespace Sallyport.Benchmarks;

/// <summary>A command allowed again, as every execution of a known text is.</summary>
[MemoryDiagnoser]
public class DecisionBenchmarks
{
    private const string Policy = """
        version: 1
        rules:
          - { name: reads, who: everyone, on: shop, do: read, then: allow }
          - { name: payroll, who: everyone, on: shop, if: { relation: hr.payroll }, then: deny }
        """;

    private readonly Principal _principal = new() { Name = "ana", Groups = FrozenSet<string>.Empty };
    private readonly Resource _resource = new("shop", ResourceKind.Postgres, FrozenDictionary<string, string>.Empty);
    private readonly Facts _facts = new([new Effect(EffectKind.Read, "select") { Objects = [new EffectObject(ObjectType.Relation, "public", "accounts")] }]);
    private PolicySnapshot _policy = PolicySnapshot.DenyAll;

    [GlobalSetup]
    public void Load()
    {
        var load = PolicyFile.Read("policy.yaml", Encoding.UTF8.GetBytes(Policy), null);
        _policy = load.Snapshot ?? throw new InvalidOperationException(string.Join('\n', load.Errors));
        if (RepeatedAllow().Kind != DecisionKind.Allow)
            throw new InvalidOperationException("The policy does not allow what is measured as an allow.");
    }

    [Benchmark]
    public Decision RepeatedAllow() => _policy.Decide(_facts, _principal, _resource, null);
}
