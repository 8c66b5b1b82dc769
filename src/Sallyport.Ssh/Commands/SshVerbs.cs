namespace Sallyport.Ssh.Commands;

/// <summary>Every verb of the SSH protocol and the kind of effect it is. What policy.yaml may name in <c>do</c> (docs/policy.md).</summary>
public static class SshVerbs
{
    public const string Exec = "exec";
    public const string Shell = "shell";
    public const string SftpRead = "sftp_read";
    public const string SftpWrite = "sftp_write";
    public const string SftpRemove = "sftp_remove";
    public const string SftpRename = "sftp_rename";
    public const string SftpMkdir = "sftp_mkdir";
    public const string SftpSetstat = "sftp_setstat";
    public const string SftpSymlink = "sftp_symlink";
    public const string SftpList = "sftp_list";
    public const string ScpRead = "scp_read";
    public const string ScpWrite = "scp_write";
    public const string RsyncRead = "rsync_read";
    public const string RsyncWrite = "rsync_write";
    public const string GitRead = "git_read";
    public const string GitWrite = "git_write";
    public const string ForwardLocal = "forward_local";
    public const string ForwardRemote = "forward_remote";

    private static readonly Dictionary<string, EffectKind> Kinds = new(StringComparer.Ordinal)
    {
        [Exec] = EffectKind.Server,
        [Shell] = EffectKind.Server,
        [SftpRead] = EffectKind.Read,
        [SftpList] = EffectKind.Read,
        [SftpWrite] = EffectKind.Write,
        [SftpRename] = EffectKind.Write,
        [SftpMkdir] = EffectKind.Create,
        [SftpSymlink] = EffectKind.Create,
        [SftpSetstat] = EffectKind.Alter,
        [SftpRemove] = EffectKind.Drop,
        [ScpRead] = EffectKind.Read,
        [ScpWrite] = EffectKind.Write,
        [RsyncRead] = EffectKind.Read,
        [RsyncWrite] = EffectKind.Write,
        [GitRead] = EffectKind.Read,
        [GitWrite] = EffectKind.Write,
        [ForwardLocal] = EffectKind.Server,
        [ForwardRemote] = EffectKind.Server,
    };

    /// <summary>All of them, lower case.</summary>
    public static IReadOnlyCollection<string> All => Kinds.Keys;

    /// <summary>The kind of effect that a verb is.</summary>
    public static EffectKind KindOf(string verb) => Kinds[verb];
}
