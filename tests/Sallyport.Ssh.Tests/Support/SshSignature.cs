using System.Security.Cryptography;
using System.Text;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Tests.Support;

/// <summary>OpenSSH's PROTOCOL.sshsig: what <c>ssh-keygen -Y sign</c> makes and <c>-Y verify</c> takes.</summary>
internal static class SshSignature
{
    private const string Namespace = "test";

    /// <summary>What the key signs for that message.</summary>
    public static byte[] SignedData(byte[] message) => new SshWriter().Bytes("SSHSIG"u8).String(Namespace).String([]).String("sha512")
        .String(SHA512.HashData(message)).WrittenMemory.ToArray();

    /// <summary>The key's signature in a signature file.</summary>
    public static byte[] Unwrap(string file)
    {
        var reader = new SshReader(Convert.FromBase64String(string.Concat(file.Split('\n').Where(static l => !l.StartsWith("-----", StringComparison.Ordinal)))));
        Assert.True(reader.TryReadBytes(6, out _) && reader.TryReadUInt32(out _) && reader.TryReadString(out _) &&
            reader.TryReadString(out _) && reader.TryReadString(out _) && reader.TryReadString(out _));
        Assert.True(reader.TryReadString(out var signature));
        return signature.ToArray();
    }

    public static string Wrap(byte[] publicKey, byte[] signature)
    {
        var whole = new SshWriter().Bytes("SSHSIG"u8).UInt32(1).String(publicKey).String(Namespace).String([]).String("sha512")
            .String(signature);
        return "-----BEGIN SSH SIGNATURE-----\n" +
            string.Join('\n', Convert.ToBase64String(whole.Written).Chunk(70).Select(static l => new string(l))) +
            "\n-----END SSH SIGNATURE-----\n";
    }

    /// <summary>Whether ssh-keygen takes it.</summary>
    public static async Task<bool> IsTakenAsync(KeyFolder folder, byte[] publicKey, string type, byte[] signature, byte[] message)
    {
        await File.WriteAllTextAsync(folder["allowed"], $"me@test {type} {Convert.ToBase64String(publicKey)}\n");
        await File.WriteAllTextAsync(folder["sig"], Wrap(publicKey, signature));
        var result = await Sallyport.Testing.Processes.Command.RunAsync("ssh-keygen",
            ["-Y", "verify", "-f", folder["allowed"], "-I", "me@test", "-n", Namespace, "-s", folder["sig"]],
            input: Encoding.ASCII.GetString(message));
        return result.ExitCode == 0;
    }
}
