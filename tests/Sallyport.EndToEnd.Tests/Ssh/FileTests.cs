using System.Security.Cryptography;

namespace Sallyport.EndToEnd.Tests.Ssh;

/// <summary>Files by the ordinary clients: each operation is decided, nothing in them is changed.</summary>
[Collection(nameof(SshGateway))]
public sealed class FileTests(SshGateway gateway)
{
    [Theory]
    [InlineData("$SCP $HERE/FILE bot+web1@gw:$FILES/in/FILE && $SCP bot+web1@gw:$FILES/in/FILE $HERE/FILE.back")]
    [InlineData("$SCP -O $HERE/FILE bot+web1@gw:$FILES/in/FILE && $SCP -O bot+web1@gw:$FILES/in/FILE $HERE/FILE.back")]
    [InlineData("rsync -e \"$SSH\" $HERE/FILE bot+web1@gw:$FILES/in/FILE && rsync -e \"$SSH\" bot+web1@gw:$FILES/in/FILE $HERE/FILE.back")]
    [InlineData("echo \"put $HERE/FILE $FILES/in/FILE\nget $FILES/in/FILE $HERE/FILE.back\" | $SFTP -b - bot+web1@gw")]
    public async Task ThirtyMegabytesThereAndBack(string line)
    {
        var file = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));

        var result = await gateway.ShellAsync("head -c 30000000 /dev/urandom > $HERE/FILE && ".Replace("FILE", file, StringComparison.Ordinal) +
            line.Replace("FILES", "\0", StringComparison.Ordinal).Replace("FILE", file, StringComparison.Ordinal).Replace("\0", "FILES", StringComparison.Ordinal) +
            $" && cmp $HERE/{file} $HERE/{file}.back && rm $HERE/{file}*");

        result.OrThrow(line);
    }

    /// <summary>THREATS 46: the same gate for every way a file can go; THREATS 50: paths cannot leave where they may be.</summary>
    [Theory]
    [InlineData("$SCP /etc/hostname bot+web1@gw:$FILES/outside")]
    [InlineData("$SCP -O /etc/hostname bot+web1@gw:$FILES/outside")]
    [InlineData("$SCP /etc/hostname bot+web1@gw:$FILES/in/../outside")]
    [InlineData("$SCP -O /etc/hostname bot+web1@gw:$FILES/in/../outside")]
    [InlineData("rsync -e \"$SSH\" /etc/hostname bot+web1@gw:$FILES/outside")]
    [InlineData("echo \"put /etc/hostname $FILES/outside\" | $SFTP -b - bot+web1@gw")]
    [InlineData("echo \"rm $FILES/in/kept\" | $SFTP -b - bot+web1@gw")]
    [InlineData("echo \"rename $FILES/in/kept $FILES/in/moved\" | $SFTP -b - bot+web1@gw")]
    [InlineData("echo \"symlink /etc/shadow $FILES/in/link\" | $SFTP -b - bot+web1@gw")]
    [InlineData("$SSH bot+web1@gw \"/usr/lib/openssh/sftp-server -d $FILES\"")]
    public async Task Threat46_Threat50_WhatNoRuleAllowsDoesNotHappen(string line)
    {
        await File.WriteAllTextAsync(gateway.Files + "/in/kept", "kept");

        Assert.NotEqual(0, (await gateway.ShellAsync(line)).ExitCode);

        Assert.Equal("kept", await File.ReadAllTextAsync(gateway.Files + "/in/kept"));
        Assert.False(File.Exists(gateway.Files + "/outside") || File.Exists(gateway.Files + "/in/moved") || Path.Exists(gateway.Files + "/in/link"));
    }

    [Fact]
    public async Task ADeniedOperationLeavesTheOthersWorking()
    {
        var result = await gateway.ShellAsync("""
            echo hello > $HERE/hello
            printf '%s\n' "-put /etc/hostname $FILES/outside" "put $HERE/hello $FILES/in/hello" "ls $FILES/in/hello" | $SFTP -b - bot+web1@gw
            """);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("Permission denied", result.Error, StringComparison.Ordinal);
        Assert.Equal("hello\n", await File.ReadAllTextAsync(gateway.Files + "/in/hello"));
    }

    [Fact]
    public async Task AFileIsRecordedByNameSizeAndHash()
    {
        var content = RandomNumberGenerator.GetBytes(100_000);
        await File.WriteAllBytesAsync(gateway.Client("hashed"), content);

        (await gateway.ShellAsync("$SCP $HERE/hashed bot+web1@gw:$FILES/in/hashed")).OrThrow("scp");

        var recording = await gateway.LastRecordingAsync();
        Assert.Contains(Convert.ToHexStringLower(SHA256.HashData(content)), recording, StringComparison.Ordinal);
        Assert.Contains("sftp_write", recording, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ARepositoryIsClonedAndPushedTo()
    {
        var result = await gateway.ShellAsync("""
            export GIT_SSH_COMMAND="$SSH" GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b.test GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b.test
            git init -q --bare -b main $FILES/in/repo.git && rm -rf $HERE/work $HERE/copy
            git clone -q bot+web1@gw:$FILES/in/repo.git $HERE/work 2>/dev/null
            cd $HERE/work && echo text > file && git add file && git commit -q -m first && git push -q origin HEAD:main &&
            git clone -q bot+web1@gw:$FILES/in/repo.git $HERE/copy && cat $HERE/copy/file
            """);

        Assert.Equal("text\n", result.OrThrow("git").Output);
    }

    [Fact]
    public async Task AClientThatDoesNotSpeakSftpIsToldOnce()
    {
        var result = await gateway.ShellAsync("printf '\\0\\0\\0\\0\\1' | $SSH -s eng+web1@gw sftp");

        Assert.Equal(126, result.ExitCode);
        var said = Assert.Single(result.Error.Split('\n'), static line => line.StartsWith("sallyport", StringComparison.Ordinal));
        Assert.Equal("sallyport: the client sent a packet of a length that none has", said);
    }
}
