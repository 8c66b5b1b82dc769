using System.Collections.Immutable;
using Sallyport.Ssh.Commands;

namespace Sallyport.Ssh.Sftp;

/// <summary>An operation that waits for a decision: what it does, and its text for records, approvers and approvals.</summary>
public sealed record SftpOperation
{
    /// <param name="type">The packet's type.</param>
    /// <param name="effects">What it does.</param>
    internal SftpOperation(SftpType type, params ReadOnlySpan<Effect> effects)
    {
        Type = type;
        Facts = SshFacts.OfOperation([.. effects]);
        var paths = Facts.Effects.SelectMany(static e => e.Objects).Select(static o => o.Name).Distinct();
        var words = new ShellCommand([string.Join('+', Facts.Effects.Select(static e => e.Verb)), .. paths]);
        Text = SafeText.Show(words.ToString());
    }

    public SftpType Type { get; }

    public SshFacts Facts { get; }

    /// <summary>One line: <c>sftp_rename /srv/a /srv/b</c>. What could move a cursor is escaped.</summary>
    public string Text { get; }

    /// <summary>An effect on paths; opaque when one of them cannot be said exactly.</summary>
    internal static Effect EffectOn(string verb, params ReadOnlySpan<byte[]> paths)
    {
        var objects = ImmutableArray.CreateBuilder<EffectObject>();
        foreach (var path in paths)
        {
            if (Objection(path) is { } objection)
                return new Effect(EffectKind.Opaque, verb) { Detail = objection };
            objects.Add(new EffectObject(ObjectType.Path, "", PathPattern.Clean(ShellLine.Decode(path)!)));
        }
        return new Effect(SshVerbs.KindOf(verb), verb) { Objects = objects.ToImmutable() };
    }

    private static string? Objection(byte[] path)
    {
        if (path.Length > SftpProtocol.LongestPath)
            return $"a path of more than {SftpProtocol.LongestPath} bytes";
        if (path.Contains((byte)0))
            return "a path with a NUL";
        // Windows reads it as a separator, Linux as a letter.
        if (path.Contains((byte)'\\'))
            return "a path with a backslash";
        return ShellLine.Decode(path) is null ? "a path that is not UTF-8" : null;
    }
}
