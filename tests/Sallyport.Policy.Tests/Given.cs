using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text;
using Sallyport.Core;

namespace Sallyport.Policy.Tests;

/// <summary>Short spellings of principals, resources, facts and policies.</summary>
internal static class Given
{
    public static readonly Resource Shop = Resource("shop", ("env", "prod"));
    public static readonly Resource Lab = Resource("lab", ("env", "test"));

    public static Resource Resource(string name, params (string Label, string Value)[] labels) =>
        new(name, ResourceKind.Postgres, labels.ToFrozenDictionary(static l => l.Label, static l => l.Value));

    public static Principal Person(string name, params string[] groups) =>
        new() { Name = name, Groups = groups.ToFrozenSet() };

    public static Principal Agent(string name, params string[] groups) =>
        new() { Name = name, Kind = PrincipalKind.Agent, Groups = groups.ToFrozenSet() };

    public static EffectObject Relation(string name, params string[] columns)
    {
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        return new EffectObject(ObjectType.Relation, dot < 0 ? "" : name[..dot], name[(dot + 1)..]) { Columns = [.. columns] };
    }

    public static Effect Effect(EffectKind kind, string verb, params string[] relations) =>
        new(kind, verb) { Objects = [.. relations.Select(static r => Relation(r))] };

    public static Facts Facts(params Effect[] effects) => new([.. effects]);

    public static Facts Reads(params string[] relations) => Facts(Effect(EffectKind.Read, "select", relations));

    public static PolicyLoad Load(string yaml, PolicyContext? context = null) =>
        PolicyFile.Read("policy.yaml", Encoding.UTF8.GetBytes(yaml), context);

    /// <summary>A policy of these rules, one flow mapping a line, without version.</summary>
    public static PolicySnapshot Rules(params string[] rules) =>
        Policy($"version: 1\nrules:\n{string.Concat(rules.Select(static r => $"  - {{ {r} }}\n"))}");

    public static PolicySnapshot Policy(string yaml)
    {
        var load = Load(yaml);
        Assert.Empty(load.Errors);
        return load.Snapshot!;
    }

    /// <summary>The errors of a policy of these rules, as <c>line: message</c> without the file.</summary>
    public static ImmutableArray<string> ErrorsOf(params string[] rules)
    {
        var load = Load($"version: 1\nrules:\n{string.Concat(rules.Select(static r => $"  - {{ {r} }}\n"))}");
        Assert.Null(load.Snapshot);
        return [.. load.Errors.Select(static e => e.ToString())];
    }
}

/// <summary>Knows the schemas it was given; anything else is in none.</summary>
internal sealed class Names(params (string Name, string[] Schemas)[] known) : INameResolver
{
    public ReadOnlySpan<string> SchemasOf(ObjectType type, string name)
    {
        foreach (var (mine, schemas) in known)
        {
            if (mine == name)
                return schemas;
        }
        return [];
    }
}
