using System.Diagnostics;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using Sallyport.Ssh.Sftp;
using Sallyport.Testing.Processes;

namespace Sallyport.Ssh.Tests.Sftp;

/// <summary>OpenSSH's client and server with the inspector between them. Needs openssh-client and openssh-sftp-server.</summary>
[SupportedOSPlatform("linux")]
public sealed class SftpServerTests : IDisposable
{
    private const string Server = "/usr/lib/openssh/sftp-server";
    private readonly TemporaryFolder _folder = new("sftp");
    private readonly List<string> _asked = [];
    private readonly List<SftpTransfer> _transfers = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task AnUnmodifiedClientPutsAndGetsFilesThroughTheInspector()
    {
        var content = RandomNumberGenerator.GetBytes(3_000_000);
        await File.WriteAllBytesAsync(Path.Combine(_folder.FullPath, "up"), content);
        var hash = Convert.ToHexStringLower(SHA256.HashData(content));

        var (code, output) = await RunAsync(
            $"put {_folder.FullPath}/up {_folder.FullPath}/there", $"get {_folder.FullPath}/there {_folder.FullPath}/down", $"ls -l {_folder.FullPath}",
            $"rename {_folder.FullPath}/there {_folder.FullPath}/moved", $"ln -s {_folder.FullPath}/moved {_folder.FullPath}/link", $"mkdir {_folder.FullPath}/d",
            $"chmod 600 {_folder.FullPath}/moved", $"df {_folder.FullPath}", $"rm {_folder.FullPath}/moved", $"rmdir {_folder.FullPath}/d");

        Assert.True(code == 0, output);
        Assert.Equal(content, await File.ReadAllBytesAsync(Path.Combine(_folder.FullPath, "down")));
        Assert.Equal([hash], _transfers.Where(static t => t.BytesWritten > 0).Select(static t => t.WrittenSha256));
        Assert.Equal([hash], _transfers.Where(static t => t.BytesRead > 0).Select(static t => t.ReadSha256));
        Assert.All(_transfers, static t => Assert.True(t.IsClosed));
        var verbs = _asked.Select(static a => a.Split(' ')[0]).Distinct().Order(StringComparer.Ordinal);
        Assert.Equal(
            ["sftp_list", "sftp_mkdir", "sftp_read", "sftp_remove", "sftp_rename", "sftp_setstat", "sftp_symlink", "sftp_write"], verbs);
    }

    [Fact]
    public async Task Threat46_WhatIsRefusedIsSaidToTheClientAndDoesNotHappen()
    {
        var closed = Path.Combine(_folder.FullPath, "closed");
        await File.WriteAllTextAsync(closed, "stays");

        var (code, output) = await RunAsync($"rm {closed}");

        Assert.NotEqual(0, code);
        Assert.Contains("Permission denied", output, StringComparison.Ordinal);
        Assert.True(File.Exists(closed));
    }

    /// <summary>The client starts a script in place of the server, which connects it by two pipes to this process.</summary>
    private async Task<(int Code, string Output)> RunAsync(params string[] commands)
    {
        var (up, down, script, batch) = (Name("pipe-up"), Name("pipe-down"), Name("bridge"), Name("batch"));
        foreach (var pipe in (string[])[up, down])
            await Process.Start("mkfifo", pipe).WaitForExitAsync();
        await File.WriteAllTextAsync(script, $"#!/bin/sh\ncat {down} &\nexec cat > {up}\n");
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await File.WriteAllLinesAsync(batch, commands);

        using var server = Process.Start(new ProcessStartInfo(Server) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        using var client = Process.Start(new ProcessStartInfo("sftp", ["-b", batch, "-D", script])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        var relay = Task.Run(() => RelayAsync(up, down, server));
        var output = await Task.WhenAll(client.StandardOutput.ReadToEndAsync(), client.StandardError.ReadToEndAsync());
        await client.WaitForExitAsync();
        await relay;
        await server.WaitForExitAsync();
        return (client.ExitCode, string.Concat(output));

        string Name(string name) => Path.Combine(_folder.FullPath, name);
    }

    private async Task RelayAsync(string up, string down, Process server)
    {
        using var inspector = new SftpInspector();
        await using var fromClient = new FileStream(up, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 0);
        await using var toClient = new FileStream(down, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, 0);
        var (toServer, fromServer) = (server.StandardInput.BaseStream, server.StandardOutput.BaseStream);
        var turn = new Lock();
        var answers = Task.Run(() =>
        {
            var buffer = new byte[9973];
            int read;
            while ((read = fromServer.Read(buffer)) > 0)
            {
                lock (turn)
                    Answers(inspector, buffer.AsSpan(0, read), toClient);
            }
        });
        var input = new byte[7919];
        int count;
        while ((count = fromClient.Read(input)) > 0)
        {
            lock (turn)
            {
                Requests(inspector, input.AsSpan(0, count), toServer);
                Answers(inspector, [], toClient);
            }
        }
        toServer.Close();
        await answers;
        while (inspector.TryTakeTransfer(out var transfer))
            _transfers.Add(transfer!);
    }

    private void Requests(SftpInspector inspector, ReadOnlySpan<byte> input, Stream output)
    {
        while (true)
        {
            var step = inspector.NextRequest(input, out var consumed, out var forward);
            output.Write(forward);
            output.Flush();
            input = input[consumed..];
            if (step == SftpStep.NeedInput)
                return;
            Assert.True(step != SftpStep.Broken, inspector.Fault);
            if (step != SftpStep.Decide)
                continue;
            _asked.Add(inspector.Pending!.Text);
            if (inspector.Pending.Type == SftpType.Remove && inspector.Pending.Text.EndsWith("/closed", StringComparison.Ordinal))
                inspector.Refuse("This file stays.");
            else
                inspector.Permit();
        }
    }

    private static void Answers(SftpInspector inspector, ReadOnlySpan<byte> input, Stream output)
    {
        while (true)
        {
            var step = inspector.NextAnswer(input, out var consumed, out var forward);
            output.Write(forward);
            output.Flush();
            input = input[consumed..];
            if (step == SftpStep.NeedInput)
                return;
            Assert.True(step != SftpStep.Broken, inspector.Fault);
        }
    }
}
