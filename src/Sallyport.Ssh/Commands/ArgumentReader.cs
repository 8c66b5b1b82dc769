using System.Collections.Immutable;

namespace Sallyport.Ssh.Commands;

/// <summary>
/// Knows the programs that clients start to carry files: scp, rsync, git, SFTP servers. Only under their own plain names (a path could
/// be any program) and only with options that are known to name no other file and to run nothing; else they are commands as any other.
/// </summary>
internal static class ArgumentReader
{
    private const string ScpFlags = "rpdvqBC1246";

    /// <summary>Of rsync's letters those that take no argument; not <c>s</c>, which would send the paths over the channel.</summary>
    private const string RsyncFlags = "vlogDtprHAXSzcnxIRdkKLOJWhuqibymUN";

    private static readonly HashSet<string> RsyncOptions = new(
        ("delete delete-before delete-during delete-after delete-delay delete-excluded delete-missing-args ignore-errors force inplace "
        + "append append-verify partial numeric-ids existing ignore-existing size-only stats safe-links no-implied-dirs dirs no-r no-dirs "
        + "no-times no-perms no-owner no-group fsync preallocate fuzzy recursive open-noatime").Split(' '),
        StringComparer.Ordinal);

    private static readonly HashSet<string> RsyncValues = new(
        ("timeout bwlimit checksum-choice compress-choice compress-level max-size min-size modify-window block-size log-format max-delete "
        + "checksum-seed").Split(' '),
        StringComparer.Ordinal);

    /// <summary>The command with its use.</summary>
    public static ShellCommand Recognise(ImmutableArray<string> words) => new(words) { Use = UseOf(words) };

    /// <summary>What the command does: to files, when it is known to do nothing else, or <c>exec</c>.</summary>
    public static Effect EffectOf(ShellCommand command, string? line)
    {
        var files = command.Use switch
        {
            CommandUse.Scp => Scp(command.Words),
            CommandUse.Rsync => Rsync(command.Words),
            CommandUse.Git => Git(command.Words),
            _ => null,
        };
        if (files is null)
        {
            var named = new EffectObject(ObjectType.Command, "", command.ToString()) { Words = command.Words };
            return new Effect(SshVerbs.KindOf(SshVerbs.Exec), SshVerbs.Exec) { Objects = [named], Line = line };
        }
        return new Effect(SshVerbs.KindOf(files.Verb), files.Verb)
        {
            Objects = [.. files.Paths.Select(p => new EffectObject(ObjectType.Path, "", PathPattern.Clean(p)) { IsTree = files.IsTree })],
            Line = line,
        };
    }

    private static CommandUse UseOf(ImmutableArray<string> words) => words[0] switch
    {
        "scp" when Scp(words) is not null => CommandUse.Scp,
        "rsync" when Rsync(words) is not null => CommandUse.Rsync,
        "git" or "git-upload-pack" or "git-receive-pack" or "git-upload-archive" when Git(words) is not null => CommandUse.Git,
        "internal-sftp" => CommandUse.Sftp,
        // Whatever runs by that name must also be let run: it stays an exec.
        var name when name == "sftp-server" || name.EndsWith("/sftp-server", StringComparison.Ordinal) => CommandUse.Sftp,
        _ => CommandUse.Other,
    };

    /// <summary><c>scp [-flags] -t|-f [--] path…</c></summary>
    private static FileUse? Scp(ImmutableArray<string> words)
    {
        char? direction = null;
        var isTree = false;
        var at = 1;
        for (; at < words.Length && words[at].StartsWith('-') && words[at] != "--"; at++)
        {
            if (words[at].Length == 1)
                return null;
            foreach (var flag in words[at].AsSpan(1))
            {
                if (flag is 't' or 'f' && direction is null)
                    direction = flag;
                else if (!ScpFlags.Contains(flag, StringComparison.Ordinal))
                    return null;
                isTree |= flag is 'r' or 't';
            }
        }
        if (at < words.Length && words[at] == "--")
            at++;
        var paths = words[at..];
        if (direction is null || paths.IsEmpty || (direction == 't' && paths.Length > 1))
            return null;
        return new FileUse(direction == 't' ? SshVerbs.ScpWrite : SshVerbs.ScpRead, paths, isTree);
    }

    /// <summary><c>rsync --server [--sender] -flags [--options] . path…</c></summary>
    private static FileUse? Rsync(ImmutableArray<string> words)
    {
        if (words.Length < 4 || words[1] != "--server")
            return null;
        var isSender = words[2] == "--sender";
        var at = isSender ? 3 : 2;
        for (; at < words.Length && words[at].StartsWith('-'); at++)
        {
            if (!IsHarmlessRsyncOption(words[at]))
                return null;
        }
        if (at >= words.Length || words[at] != ".")
            return null;
        var paths = words[(at + 1)..];
        if (paths.IsEmpty || (!isSender && paths.Length > 1))
            return null;
        return new FileUse(isSender ? SshVerbs.RsyncRead : SshVerbs.RsyncWrite, paths, IsTree: true);
    }

    private static bool IsHarmlessRsyncOption(string option)
    {
        if (option.StartsWith("--", StringComparison.Ordinal))
        {
            var equals = option.IndexOf('=', StringComparison.Ordinal);
            return equals < 0 ? RsyncOptions.Contains(option[2..]) : RsyncValues.Contains(option[2..equals]);
        }
        // After e come the capabilities of the client, such as e.iLsfxCIvu.
        var capabilities = option.IndexOf('e', StringComparison.Ordinal);
        var flags = option.AsSpan(1, (capabilities < 0 ? option.Length : capabilities) - 1);
        var isKnown = true;
        foreach (var flag in flags)
            isKnown &= RsyncFlags.Contains(flag, StringComparison.Ordinal);
        foreach (var capability in option.AsSpan(1 + flags.Length))
            isKnown &= char.IsAsciiLetterOrDigit(capability) || capability == '.';
        return isKnown && option.Length > 1;
    }

    /// <summary><c>git-upload-pack 'path'</c>, or <c>git upload-pack 'path'</c>.</summary>
    private static FileUse? Git(ImmutableArray<string> words)
    {
        var (program, rest) = words[0] == "git"
            ? words.Length > 1 ? ($"git-{words[1]}", words[2..]) : ("", [])
            : (words[0], words[1..]);
        // Git itself resolves a ~, so such a path does not say where it is.
        if (rest.Length != 1 || rest[0].Length == 0 || rest[0][0] is '-' or '~')
            return null;
        return program switch
        {
            "git-receive-pack" => new FileUse(SshVerbs.GitWrite, rest, IsTree: false),
            "git-upload-pack" or "git-upload-archive" => new FileUse(SshVerbs.GitRead, rest, IsTree: false),
            _ => null,
        };
    }

    private sealed record FileUse(string Verb, ImmutableArray<string> Paths, bool IsTree);
}
