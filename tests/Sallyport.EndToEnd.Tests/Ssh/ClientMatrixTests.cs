using Renci.SshNet;

namespace Sallyport.EndToEnd.Tests.Ssh;

/// <summary>
/// Client implementations that share no code, unmodified: right bytes, right streams, right exit status.
/// OpenSSH, scp, sftp, rsync and git have tests of their own.
/// </summary>
[Collection(nameof(SshGateway))]
public sealed class ClientMatrixTests(SshGateway gateway)
{
    private const string Plink = "puttygen $HERE/eng -O private -o $HERE/eng.ppk && " +
        "HOSTKEY=$(ssh-keyscan -t ed25519 -p $PORT 127.0.0.1 2>/dev/null | ssh-keygen -lf - | cut -d' ' -f2) && ";

    private const string Dropbear = "dropbearconvert openssh dropbear $HERE/eng $HERE/eng.dropbear 2>/dev/null && ";
    internal const string Go = "export GO111MODULE=off GOPATH=/usr/share/gocode GOFLAGS=-buildvcs=false && " +
        "go build -o $HERE/go-client $CLIENTS/go/main.go && ";
    private const string Java = "java -XX:TieredStopAtLevel=1 -cp /usr/share/java/jsch.jar $CLIENTS/jsch/Jsch.java eng+web1 $HERE/eng-ecdsa";

    private const string Command = "'cat; echo err >&2; exit 7'";

    /// <summary>Three megabytes in and out at once, which is more than any window.</summary>
    [Theory]
    [InlineData("plink", Plink, $"plink -batch -P $PORT -hostkey $HOSTKEY -i $HERE/eng.ppk eng+web1@127.0.0.1 {Command}")]
    [InlineData("dropbear", Dropbear, $"env HOME=$HERE dbclient -y -y -i $HERE/eng.dropbear -p $PORT eng+web1@127.0.0.1 {Command}")]
    [InlineData("paramiko", "", $"/usr/bin/python3 -B $CLIENTS/python/paramiko_client.py eng+web1 $HERE/eng exec {Command}")]
    [InlineData("asyncssh", "", $"/usr/bin/python3 -B $CLIENTS/python/asyncssh_client.py eng+web1 $HERE/eng exec {Command}")]
    [InlineData("go", Go, $"$HERE/go-client eng+web1 $HERE/eng exec {Command}")]
    [InlineData("jsch", "", $"{Java} exec {Command}")]
    [InlineData("ssh2", "", $"node $CLIENTS/node/ssh2_client.cjs eng+web1 $HERE/eng exec {Command}")]
    public async Task ACommandWithItsThreeStreamsAndItsStatus(string client, string before, string line)
    {
        var result = await gateway.ShellAsync(
            $"cd $HERE && head -c 3000000 /dev/urandom > {client}.in && {before}{{ {line} < {client}.in > {client}.out; echo status $?; }} && " +
            $"cmp {client}.in {client}.out && echo same");

        Assert.Equal("status 7\nsame\n", result.Output + (result.ExitCode == 0 ? "" : result.Error));
        Assert.Contains("err\n", result.Error.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("psftp", Plink, "printf 'put %s %s\\nget %s %s\\n' FILE REMOTE REMOTE BACK > $HERE/psftp.batch && " +
        "psftp -batch -b $HERE/psftp.batch -P $PORT -hostkey $HOSTKEY -i $HERE/eng.ppk eng+web1@127.0.0.1")]
    [InlineData("curl", "", $"curl -sSk -u bot+web1:{SshGateway.Secret} -T FILE sftp://127.0.0.1:$PORT/REMOTE && " +
        $"curl -sSk -u bot+web1:{SshGateway.Secret} -o BACK sftp://127.0.0.1:$PORT/REMOTE")]
    [InlineData("lftp", "", "lftp -u eng+web1, -e \"set sftp:connect-program 'ssh -a -x -F $CFG'; set cmd:fail-exit yes; " +
        "put FILE -o REMOTE; get REMOTE -o BACK; bye\" sftp://gw")]
    [InlineData("paramiko", "", "/usr/bin/python3 -B $CLIENTS/python/paramiko_client.py eng+web1 $HERE/eng sftp FILE REMOTE BACK")]
    [InlineData("asyncssh", "", "/usr/bin/python3 -B $CLIENTS/python/asyncssh_client.py eng+web1 $HERE/eng sftp FILE REMOTE BACK")]
    [InlineData("jsch", "", $"{Java} sftp FILE REMOTE BACK")]
    [InlineData("ssh2", "", "node $CLIENTS/node/ssh2_client.cjs eng+web1 $HERE/eng sftp FILE REMOTE BACK")]
    public async Task AFileThereAndBack(string client, string before, string line)
    {
        var (file, back, remote) = ($"$HERE/{client}.file", $"$HERE/{client}.back", $"$FILES/in/{client}");
        line = line.Replace("FILE ", file + " ", StringComparison.Ordinal).Replace("REMOTE", remote, StringComparison.Ordinal)
            .Replace("BACK", back, StringComparison.Ordinal);

        var result = await gateway.ShellAsync(
            $"head -c 3000000 /dev/urandom > {file} && {before}{line} && cmp {file} {remote} && cmp {file} {back} && echo same");

        Assert.EndsWith("same\n", result.OrThrow(client).Output);
    }

    [Fact]
    public async Task SshNetRunsACommandAndTransfersAFile()
    {
        var (host, port) = ("127.0.0.1", gateway.Gateway.Port);
        using var key = new PrivateKeyFile(gateway.KeyOf("eng"));
        using var client = new SshClient(host, port, "eng+web1", key);
        client.Connect();
        using (var command = client.CreateCommand("echo out; echo err >&2; exit 7"))
        {
            await command.ExecuteAsync();
            Assert.Equal((7, "out\n", "err\n"), (command.ExitStatus, command.Result, command.Error));
        }

        using var files = new SftpClient(host, port, "eng+web1", key);
        files.Connect();
        var bytes = System.Security.Cryptography.RandomNumberGenerator.GetBytes(3_000_000);
        files.WriteAllBytes(gateway.Files + "/in/sshnet", bytes);
        Assert.Equal(bytes, files.ReadAllBytes(gateway.Files + "/in/sshnet"));
    }

    [Fact]
    public async Task AnsiblePings()
    {
        var result = await gateway.ShellAsync("""
            HOME=$HERE ANSIBLE_LOCALHOST_WARNING=no LC_ALL=C.UTF-8 ansible all -i gw, -u eng+web1 --ssh-common-args "-F $CFG" \
              -e ansible_python_interpreter=/usr/bin/python3 -e ansible_remote_tmp=$FILES/ansible -m ping
            """);

        Assert.Contains("\"ping\": \"pong\"", result.OrThrow("ansible").Output, StringComparison.Ordinal);
    }
}
