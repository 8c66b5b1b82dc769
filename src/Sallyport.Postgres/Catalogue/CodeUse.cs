using System.Collections.Immutable;

namespace Sallyport.Postgres.Catalogue;

/// <summary>A function as the catalogue refers to it, a built-in too.</summary>
public readonly record struct FunctionReference(uint Oid, string Schema, string Name, int Arguments);

/// <summary>What runs a function without naming it.</summary>
public enum CodeUser : byte
{
    /// <summary>An operator, by its name.</summary>
    Operator = (byte)'o',

    /// <summary>A cast, by the name of the type it goes to.</summary>
    Cast = (byte)'c',

    /// <summary>A CHECK of a domain, by the domain's name.</summary>
    Domain = (byte)'d',

    /// <summary>An aggregate, by its OID.</summary>
    Aggregate = (byte)'a',
}

/// <summary>One function that an operator, cast, domain or aggregate of the database's own runs.</summary>
public readonly record struct CodeUse(CodeUser User, string Name, bool IsExtension, FunctionReference Function);

/// <summary>What is done to a relation, in the bits of pg_trigger.tgtype and two of our own.</summary>
[Flags]
public enum RelationEvents : byte
{
    None = 0,
    Read = 1,

    /// <summary>Beside <see cref="Insert"/>: by COPY, which no rule sees.</summary>
    Copy = 2,
    Insert = 4,
    Delete = 8,
    Update = 16,
    Truncate = 32,
    Writes = Insert | Delete | Update | Truncate,
}

/// <summary>A function that a relation runs by itself: a trigger, a default, a check, an index, a policy, what a view calls.</summary>
public readonly record struct AttachedCode(uint Relation, RelationEvents On, FunctionReference Function);

/// <summary>A rule as the server prints it, on no event the query of a view; empty when it cannot be had.</summary>
public sealed record RelationRule(uint Relation, RelationEvents On, string Text);

/// <summary>A foreign key: what happens to <paramref name="Child"/> when rows of <paramref name="Parent"/> go or change.</summary>
/// <param name="Parent">The referenced relation.</param>
/// <param name="Child">The referencing one.</param>
/// <param name="OnDelete">pg_constraint.confdeltype: c cascades, n and d set, the rest refuse.</param>
/// <param name="OnUpdate">pg_constraint.confupdtype.</param>
/// <param name="Referenced">Columns of the parent.</param>
/// <param name="Referencing">Columns of the child.</param>
public sealed record ForeignKey(
    uint Parent, uint Child, char OnDelete, char OnUpdate, ImmutableArray<string> Referenced, ImmutableArray<string> Referencing);
