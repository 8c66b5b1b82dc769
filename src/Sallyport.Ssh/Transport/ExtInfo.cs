using System.Text;
using Sallyport.Ssh.Wire;

namespace Sallyport.Ssh.Transport;

/// <summary>SSH_MSG_EXT_INFO (RFC 8308).</summary>
internal static class ExtInfo
{
    private const string ServerSignatures = "server-sig-algs";
    private const int MaxExtensions = 64;

    public static byte[] Make(IReadOnlyList<string> signatures) => new SshWriter().Begin(MessageNumber.ExtInfo)
        .UInt32(1).String(ServerSignatures).String(string.Join(',', signatures)).Written.ToArray();

    /// <summary>False: malformed. <paramref name="signatures"/> stays null when the extension is not there.</summary>
    public static bool TryParse(ReadOnlySpan<byte> message, out IReadOnlyList<string>? signatures)
    {
        signatures = null;
        var reader = new SshReader(message[1..]);
        if (!reader.TryReadUInt32(out var count) || count > MaxExtensions)
            return false;
        for (; count > 0; count--)
        {
            if (!reader.TryReadString(out var name) || !reader.TryReadString(out var value))
                return false;
            if (!name.SequenceEqual("server-sig-algs"u8))
                continue;
            if (value.ContainsAnyExceptInRange((byte)0x21, (byte)0x7e))
                return false;
            signatures = Encoding.ASCII.GetString(value).Split(',', StringSplitOptions.RemoveEmptyEntries);
        }
        return reader.IsAtEnd;
    }
}
