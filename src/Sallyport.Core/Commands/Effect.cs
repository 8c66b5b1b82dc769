using System.Collections.Immutable;

namespace Sallyport.Core;

/// <summary>What a command does, coarsely. The strings of policy.yaml are these names in lower case.</summary>
public enum EffectKind : byte
{
    Read,
    Write,
    Create,
    Alter,

    /// <summary>Objects removed, tables emptied.</summary>
    Drop,

    /// <summary>Roles, grants, changes of identity.</summary>
    Privilege,

    /// <summary>Files, programs, other servers, backends, settings of the server, SQL or shell given as text.</summary>
    Server,

    /// <summary>Settings of the session.</summary>
    Session,
    Transaction,

    /// <summary>It could not be read to the end. Denied unless a rule names it.</summary>
    Opaque,
}

/// <summary>What an object is. Decides how its name is compared.</summary>
public enum ObjectType : byte
{
    Relation,
    Function,
    Schema,
    Role,
    Setting,
    Database,
    Path,

    /// <summary>A command of a shell line; its words are <see cref="EffectObject.Words"/>.</summary>
    Command,

    /// <summary>Where a connection goes: <c>host:port</c>, <c>[address]:port</c> for IPv6.</summary>
    Destination,
    Other,
}

/// <summary>
/// An object that an effect touches. <see cref="Schema"/> is empty when the command did not say one: resolution is the session's
/// business (<see cref="INameResolver"/>). <see cref="Columns"/> are the columns named; empty means all or not known.
/// </summary>
public sealed record EffectObject(ObjectType Type, string Schema, string Name)
{
    public ImmutableArray<string> Columns { get; init; } = [];

    /// <summary>The words of a command, its name first, without their quotes. Empty for all else.</summary>
    public ImmutableArray<string> Words { get; init; } = [];

    /// <summary>A path with everything below it.</summary>
    public bool IsTree { get; init; }

    /// <summary>The same object, the same columns of it, the same words.</summary>
    public bool Equals(EffectObject? other) =>
        other is not null && Type == other.Type && Schema == other.Schema && Name == other.Name && IsTree == other.IsTree &&
        Columns.AsSpan().SequenceEqual(other.Columns.AsSpan()) && Words.AsSpan().SequenceEqual(other.Words.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Type, Schema, Name, Columns.Length);

    public override string ToString() => Schema.Length == 0 ? Name : $"{Schema}.{Name}";
}

/// <summary>
/// Whether a statement that changes rows says which ones. <see cref="Missing"/> also covers a WHERE that names no column.
/// </summary>
public enum WhereClause : byte
{
    NotApplicable,
    Missing,
    Present,
}

/// <summary>One effect of a command: what is done (<see cref="Kind"/>), by which verb, to which objects. Immutable.</summary>
/// <remarks>
/// Verbs are lower-case and refine the kind: <c>select</c>, <c>delete</c>, <c>drop_table</c>, <c>copy_out</c>, <c>exec</c>.
/// </remarks>
public sealed record Effect(EffectKind Kind, string Verb)
{
    public ImmutableArray<EffectObject> Objects { get; init; } = [];

    public WhereClause Where { get; init; }

    /// <summary>The exact text of the shell line that it is part of; null where there is none, or it is not UTF-8.</summary>
    public string? Line { get; init; }

    /// <summary>Why, for <see cref="EffectKind.Opaque"/>: what could not be read.</summary>
    public string? Detail { get; init; }
}
