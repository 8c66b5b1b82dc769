using Sallyport.Testing.Processes;

namespace Sallyport.EndToEnd.Tests.Ssh;

/// <summary>The target's files as a file system of this machine. Needs /dev/fuse, and the right to mount.</summary>
[Collection(nameof(SshGateway))]
public sealed class SshfsTests(SshGateway gateway)
{
    /// <summary>Mounts the target's files for a principal at $MOUNT, runs a script there, and takes the mount away.</summary>
    private Task<CommandResult> MountedAsync(string principal, string script) => gateway.ShellAsync($$"""
        MOUNT=$HERE/mount-$$; mkdir $MOUNT
        # No cache: each look reaches the target.
        sshfs -F $CFG -o dir_cache=no,attr_timeout=0,entry_timeout=0 {{principal}}+web1@gw:$FILES $MOUNT || exit 99
        ( {{script}} )
        status=$?
        fusermount3 -u $MOUNT && rmdir $MOUNT || exit 98
        exit $status
        """);

    [Fact]
    public async Task FilesAreListedReadWrittenRenamedAndRemoved()
    {
        var result = await MountedAsync("eng", """
            set -e
            mkdir -p $FILES/in/tree && cd $MOUNT/in/tree
            head -c 3000000 /dev/urandom > $HERE/through && cp $HERE/through one
            cmp one $HERE/through && cmp $FILES/in/tree/one $HERE/through
            mv one two && echo appended >> two && chmod 600 two && ln -s two link && mkdir below && truncate -s 10 two
            ls -1; stat -c %a:%s two; readlink link
            rm two link && rmdir below && ls -A $FILES/in/tree
            """);

        Assert.Equal("below\nlink\ntwo\n600:10\ntwo\n", result.OrThrow("sshfs").Output);
    }

    /// <summary>THREATS 46: the same gate, which a file system knows as EACCES.</summary>
    [Fact]
    public async Task Threat46_WhatNoRuleAllowsIsEACCESAndTheRestGoesOn()
    {
        var result = await MountedAsync("bot", """
            echo kept > $FILES/kept && echo hello > $MOUNT/in/by-sshfs && cat $MOUNT/in/by-sshfs $MOUNT/kept
            /usr/bin/python3 - $MOUNT <<'END'
            import errno, os, sys
            os.chdir(sys.argv[1])
            def tried(what, *of):
                try: what(*of)
                except OSError as e: print(what.__name__, errno.errorcode[e.errno])
            tried(open, "outside", "w"); tried(open, "kept", "a"); tried(os.unlink, "kept"); tried(os.unlink, "in/by-sshfs")
            tried(os.rename, "in/by-sshfs", "in/moved"); tried(os.mkdir, "folder"); tried(os.chmod, "kept", 0o777); tried(os.symlink, "kept", "link")
            tried(os.truncate, "kept", 0)
            END
            cat $MOUNT/in/by-sshfs
            """);

        Assert.Equal(
            "hello\nkept\nopen EACCES\nopen EACCES\nunlink EACCES\nunlink EACCES\nrename EACCES\nmkdir EACCES\nchmod EACCES\nsymlink EACCES\n" +
            "truncate EACCES\nhello\n",
            result.OrThrow("sshfs").Output);
        Assert.Equal("kept\n", await File.ReadAllTextAsync(gateway.Files + "/kept"));
        Assert.False(Path.Exists(gateway.Files + "/outside") || Path.Exists(gateway.Files + "/folder") || Path.Exists(gateway.Files + "/link"));
    }
}
