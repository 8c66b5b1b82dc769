using System.Buffers;
using System.Text;

namespace Sallyport.Ssh.Transport;

/// <summary>The version lines (RFC 4253 §4.2).</summary>
internal static class VersionExchange
{
    public const string Own = "SSH-2.0-Sallyport";

    /// <summary>The longest version line with its end, in bytes.</summary>
    private const int MaxLine = 255;

    /// <summary>All that a server may send up to the end of its version line, in bytes.</summary>
    private const int MaxPreamble = 8192;

    internal enum Status
    {
        Complete,
        Incomplete,
        Bad,
    }

    /// <summary>
    /// Takes the peer's version off the front of what arrived; as a client, with the lines that a server may send
    /// before.
    /// </summary>
    /// <param name="buffer">What arrived; lines taken are cut off its front.</param>
    /// <param name="role">Ours.</param>
    /// <param name="skipped">Bytes of lines taken so far; the caller keeps it between calls.</param>
    /// <param name="version">Without CR LF.</param>
    public static Status TryRead(ref ReadOnlySequence<byte> buffer, SshRole role, ref int skipped, out string version)
    {
        version = "";
        while (true)
        {
            var reader = new SequenceReader<byte>(buffer);
            var most = role == SshRole.Server ? MaxLine : MaxPreamble - skipped;
            if (!reader.TryReadTo(out ReadOnlySequence<byte> line, (byte)'\n'))
                return buffer.Length < most ? Status.Incomplete : Status.Bad;
            var length = (int)reader.Consumed;
            if (length > most)
                return Status.Bad;
            var text = Encoding.Latin1.GetString(line);
            buffer = buffer.Slice(reader.Position);
            if (text.StartsWith("SSH-", StringComparison.Ordinal))
            {
                version = text.EndsWith('\r') ? text[..^1] : text;
                return length <= MaxLine && IsGood(version, role) ? Status.Complete : Status.Bad;
            }
            if (role == SshRole.Server)
                return Status.Bad;
            skipped += length;
        }
    }

    /// <summary>Protocol 2.0 (a server may say 1.99, §5.1), a software name, printable US-ASCII.</summary>
    private static bool IsGood(string version, SshRole role)
    {
        var isTwo = version.StartsWith("SSH-2.0-", StringComparison.Ordinal)
            || (role == SshRole.Client && version.StartsWith("SSH-1.99-", StringComparison.Ordinal));
        return isTwo && version.Length > version.IndexOf('-', 4) + 1 && !version.AsSpan().ContainsAnyExceptInRange(' ', '~');
    }
}
